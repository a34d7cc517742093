"""Labelled examples read from files: JSON Lines or CSV, plain or gzip, always bounded."""

import csv
import gzip
import io
import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from classifier.domain import MAX_TEXT_CHARACTERS, Example
from services.chassis.errors import InvalidError

MAX_EXAMPLES = 1_000_000
MAX_LINE_CHARACTERS = 256 * 1024
WRITER_COLUMN = "writer"
SAMPLE_COLUMN = "sample"
"""False of a text that was written for its words, not as a sample of what people ask."""
_SAID = {"": True, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
BUNDLED = Path(__file__).parent / "data" / "examples"


class ExampleError(InvalidError):
    """A file of examples cannot be read."""

    reason = "EXAMPLES"


def read_bundled_tests() -> list[Example]:
    """Read the texts that ship for measuring; no model is trained on them."""
    paths = sorted(BUNDLED.with_name("test").glob("*.jsonl"))
    return [example for path in paths for example in read_examples(path)]


def read_bundled() -> list[Example]:
    """Read the examples that ship with the product."""
    paths = sorted(BUNDLED.glob("*.jsonl"))
    return [example for path in paths for example in read_examples(path)]


def read_examples(
    path: Path,
    *,
    text_column: str = "text",
    label_column: str = "service_id",
    language_column: str = "language",
    limit: int = MAX_EXAMPLES,
) -> list[Example]:
    """Read up to `limit` examples; a row that is not one raises and names file and line."""
    columns = (text_column, label_column, language_column)
    examples: list[Example] = []
    for line, row in rows(path):
        if len(examples) == limit:
            break
        examples.append(_example(row, columns, f"{path}, line {line}"))
    return examples


def newest_rows(
    path: Path, most: int = MAX_EXAMPLES
) -> tuple[Sequence[tuple[int, dict[str, object]]], int]:
    """Return the last rows of a file that grows, and how many before them are left out."""
    last: deque[tuple[int, dict[str, object]]] = deque(maxlen=most)
    count = 0
    for one in rows(path):
        last.append(one)
        count += 1
    return last, count - len(last)


def rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Give each row of a file with its line number; what cannot be read raises ExampleError."""
    try:
        with _open(path) as lines:
            if ".csv" in path.suffixes:
                yield from _csv_rows(path, lines)
            elif ".jsonl" in path.suffixes:
                yield from _json_rows(path, lines)
            else:
                raise ExampleError(f"{path}: examples are .jsonl or .csv files, plain or .gz")
    except OSError as error:
        raise ExampleError(f"{path}: {error.strerror or error}") from error
    except (EOFError, UnicodeDecodeError, zlib.error) as error:
        raise ExampleError(f"{path}: {error}") from error


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _bounded(path: Path, lines: IO[str]) -> Iterator[str]:
    number = 0
    while line := lines.readline(MAX_LINE_CHARACTERS):
        number += 1
        if len(line) == MAX_LINE_CHARACTERS:
            raise ExampleError(f"{path}, line {number}: longer than allowed")
        yield line


def _json_rows(path: Path, lines: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(_bounded(path, lines), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ExampleError(f"{path}, line {number}: not JSON") from error
        if not isinstance(row, dict):
            raise ExampleError(f"{path}, line {number}: not a JSON object")
        yield number, row


def _csv_rows(path: Path, lines: IO[str]) -> Iterator[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(_bounded(path, lines))
    try:
        for row in reader:
            yield reader.line_num, dict(row)
    except csv.Error as error:
        raise ExampleError(f"{path}, line {reader.line_num}: {error}") from error


def _example(row: dict[str, object], columns: tuple[str, str, str], place: str) -> Example:
    text, label, language = columns
    stated = row.get(language)
    return Example(
        # A citizen's text has a limit; longer ones are seen as far as they would be accepted.
        text=_cell(row, text, place)[:MAX_TEXT_CHARACTERS],
        label=_cell(row, label, place).strip(),
        language=stated if isinstance(stated, str) else "",
        writer=_writer(row.get(WRITER_COLUMN)),
        is_sample=_is_sample(row.get(SAMPLE_COLUMN), place),
    )


def _writer(told: object) -> str:
    """Return who wrote a text; many files number them."""
    is_told = isinstance(told, str | int | float) and not isinstance(told, bool)
    return str(told).strip() if is_told else ""


def _is_sample(told: object, place: str) -> bool:
    """Tell whether a text is a sample: CSV knows no false but the word."""
    said = "" if told is None else str(told).strip().lower()
    if said not in _SAID:
        raise ExampleError(f"{place}: the column {SAMPLE_COLUMN!r} is neither true nor false")
    return _SAID[said]


def _cell(row: dict[str, object], column: str, place: str) -> str:
    value = row.get(column)
    if not isinstance(value, str) or not value.strip():
        raise ExampleError(f"{place}: the column {column!r} is missing or empty")
    return value


def labels_of(examples: Iterable[Example]) -> set[str]:
    """Return the labels that occur."""
    return {example.label for example in examples}
