"""Specifies how labelled examples are read."""

import gzip
from pathlib import Path

import pytest

from classifier.domain import MAX_TEXT_CHARACTERS, OUT_OF_SCOPE, Example
from classifier.examples import MAX_LINE_CHARACTERS, ExampleError, read_bundled, read_examples

LINE = '{"text": "Паспорт", "service_id": "identity.passport", "language": "ru"}\n'
EXAMPLE = Example("Паспорт", "identity.passport", "ru")


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    data = content.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["some.jsonl", "some.jsonl.gz"])
def test_json_lines_are_read(tmp_path: Path, name: str) -> None:
    """Plain or compressed; empty lines do not matter."""
    assert read_examples(written(tmp_path, name, LINE + "\n" + LINE)) == [EXAMPLE, EXAMPLE]


@pytest.mark.parametrize("name", ["some.csv", "some.csv.gz"])
def test_csv_is_read_by_the_columns_named(tmp_path: Path, name: str) -> None:
    """Other people's files have other names for things, and line breaks in cells."""
    path = written(tmp_path, name, 'id,words,reason\n1,"яма,\nбольшая",roads\n')

    read = read_examples(path, text_column="words", label_column="reason")

    assert read == [Example("яма,\nбольшая", "roads")]


def test_a_text_written_for_its_words_is_no_sample(tmp_path: Path) -> None:
    """Where the row says so; others are samples of what people ask."""
    line = LINE.replace('"language"', '"sample": false, "language"')

    read = read_examples(written(tmp_path, "some.jsonl", line + LINE))

    assert [one.is_sample for one in read] == [False, True]


def test_a_table_says_in_words_what_is_no_sample(tmp_path: Path) -> None:
    """CSV has no false of its own; an empty cell says nothing."""
    rows = [f"a,x,{told}" for told in ("false", "FALSE", "no", "0", "true", "yes", "1", "")]
    path = written(tmp_path, "some.csv", "\n".join(["text,service_id,sample", *rows]))

    assert [one.is_sample for one in read_examples(path)] == [False] * 4 + [True] * 4


def test_a_word_that_says_neither_is_named(tmp_path: Path) -> None:
    """Better than to measure by what was written for its words."""
    path = written(tmp_path, "some.csv", "text,service_id,sample\na,x,maybe\n")

    with pytest.raises(ExampleError, match="line 2: the column 'sample'"):
        read_examples(path)


@pytest.mark.parametrize(
    ("told", "writer"), [('"Aigul"', "Aigul"), ("17", "17"), ("null", ""), ("true", "")]
)
def test_writers_may_be_numbered(tmp_path: Path, told: str, writer: str) -> None:
    """Texts of one person are held out together, by name or by number."""
    line = LINE.replace('"language"', f'"writer": {told}, "language"')

    assert read_examples(written(tmp_path, "some.jsonl", line))[0].writer == writer


def test_reading_ends_at_the_limit(tmp_path: Path) -> None:
    """Who wants ten gets ten."""
    assert len(read_examples(written(tmp_path, "some.jsonl", LINE * 20), limit=10)) == 10


def test_a_long_text_is_seen_as_far_as_citizens_may_write(tmp_path: Path) -> None:
    """Training sees what serving accepts."""
    path = written(tmp_path, "some.jsonl", LINE.replace("Паспорт", "a" * 5000))

    assert len(read_examples(path)[0].text) == MAX_TEXT_CHARACTERS


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[1]",
        '{"text": "only"}',
        '{"text": " ", "service_id": "x"}',
        "[" * 50_000,
        "a" * MAX_LINE_CHARACTERS,
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, broken: str) -> None:
    """The error says which file and which line."""
    path = written(tmp_path, "some.jsonl", LINE + broken)

    with pytest.raises(ExampleError, match=r"some\.jsonl, line 2"):
        read_examples(path)


@pytest.mark.parametrize(
    ("name", "content"), [("some.txt", "x"), ("some.csv", "text\nword\n"), ("gone/a.jsonl", "")]
)
def test_a_file_that_is_no_examples_is_named(tmp_path: Path, name: str, content: str) -> None:
    """Another kind of file, a column that is missing, a file that is not there."""
    path = tmp_path / name
    if path.parent.exists():
        path.write_text(content)

    with pytest.raises(ExampleError, match=path.name):
        read_examples(path)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    """Half a file is not fewer examples."""
    path = written(tmp_path, "some.jsonl.gz", LINE * 1000)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(ExampleError, match=r"some\.jsonl\.gz"):
        read_examples(path)


def test_the_product_ships_examples_of_services_and_of_none() -> None:
    """A first model can be made without anybody's data."""
    labels = {example.label for example in read_bundled()}

    assert OUT_OF_SCOPE in labels
    assert len(labels) > 50
