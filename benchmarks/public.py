"""Public data that nobody here wrote, each set with the split it came with."""

import csv
import gzip
import json
from pathlib import Path

from benchmarks.peers import Split
from classifier.domain import OUT_OF_SCOPE, Example
from classifier.examples import read_examples

LANGUAGES = ("kaz_Cyrl", "rus_Cyrl", "eng_Latn")
SPB_SHARES = (0.8, 0.9)
"""By time: what is before the first is trained on, what is behind the second is the test."""


def clinc(data: Path) -> Split:
    """CLINC150, full: questions to an assistant in English, and such as it cannot answer."""
    content = json.loads((data / "clinc150_en" / "data_full.json").read_text())

    def part(name: str, label: str = "") -> list[Example]:
        return [Example(text, label or intent) for text, intent in content[name]]

    return Split(
        [*part("train"), *part("oos_train", OUT_OF_SCOPE)],
        part("test"),
        {"oos_test": part("oos_test", OUT_OF_SCOPE)},
    )


def banking(data: Path) -> Split:
    """BANKING77: questions to a bank in English."""
    trained, asked = (
        read_examples(data / "banking77_en" / f"{name}.csv", label_column="category")
        for name in ("train", "test")
    )
    return Split(trained, asked)


def sib(data: Path) -> Split:
    """SIB-200 in Kazakh, Russian and English together: topics of sentences."""
    trained, asked = (
        [
            Example(row["text"], row["category"], language)
            for language in LANGUAGES
            for row in _rows(data / "sib200_kk_ru_en" / language / f"{part}.tsv")
        ]
        for part in ("train", "test")
    )
    return Split(trained, asked)


def spb(data: Path, column: str, until: float = SPB_SHARES[0]) -> Split:
    """Appeals to a city portal in Russian, by time: a column of what clerks made of them."""
    with gzip.open(data / "spb_appeals_ru.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [(row["text"], row[column]) for row in csv.DictReader(file)]
    examples = [Example(text[:4000], label) for text, label in rows if text.strip() and label]
    first, last = (int(share * len(examples)) for share in (until, SPB_SHARES[1]))
    return Split(examples[:first], examples[last:])


def unseen(split: Split) -> list[bool]:
    """Tell of each asked text whether it is not among those that are learned."""
    learned = {_plain(one.text) for one in split.trained}
    return [_plain(one.text) not in learned for one in split.asked]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
