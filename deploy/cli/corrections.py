"""`qyzmet corrections collect`: what people said, with masked words, ready to learn from."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from classifier import clients, corrections, kept
from classifier.corrections import Bounds
from deploy.cli import terminal
from services.chassis import config
from services.chassis.auth import Issuer, ServiceTokens
from services.chassis.errors import InvalidError
from services.chassis.tls import Certificates
from services.chassis.wholefile import whole

NAME = "corrections"
"""Whose token and certificate are shown to cases."""
OWNER_ONLY = 0o600


class OutputError(InvalidError):
    """A file cannot be written."""

    reason = "OUTPUT"


def collect(file: Path | None, out: Path, held: Path) -> None:
    """Sift corrections, fetch the words of those that are kept, and write both files.

    Without a file they are those that the classifier of this machine kept; what was kept of
    cases that turn out to be erased is dropped there.
    """
    settings = config.load()
    told = kept.files(settings.corrections_dir) if file is None else [file]
    bounds = Bounds(settings.corrections_most, settings.corrections_seconds)
    read = [corrections.read_corrections(path) for path in told]
    sifted = corrections.sift((one for said, _ in read for one in said), bounds)
    tokens = ServiceTokens(Issuer.at(settings.secrets_dir), NAME)
    secured = Certificates(settings.tls_dir).client(NAME, "cases") if settings.tls_dir else None
    with clients.cases_at(
        settings.addresses.cases,
        tokens.bearer,
        deadline=settings.rpc_deadline_seconds,
        secured=secured,
    ) as cases:
        collected = corrections.collect(sifted.kept, cases.words)
    if file is None:
        kept.forget(settings.corrections_dir, set(collected.erased))
    _write(out, collected.examples)
    _write(held, [corrections.held_row(one, why) for one, why in sifted.held])
    terminal.print_json(
        {
            "examples": len(collected.examples),
            "held": len(sifted.held),
            "without_words": collected.without_words,
            "unlabelled": sifted.unlabelled,
            "left_out": sum(left_out for _, left_out in read),
        }
    )


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a file whole or not at all, for its owner only: it may hold words."""
    try:
        with whole(path, OWNER_ONLY) as fresh, fresh.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error
