"""Specifies how labelled texts are read that people bring in columns and names of their own."""

from pathlib import Path

import pytest

from classifier.domain import OUT_OF_SCOPE
from classifier.examples import ExampleError
from classifier.labelled import Columns, names_of, read

NAMES = names_of(
    {
        "roads.pit": ("Шұңқыр", "Яма на дороге", "A pit"),
        "roads.lamp": ("Шам", "Не горит лампа", "roads.pit"),
    },
    {"roads.hole": "roads.pit"},
)


def written(folder: Path, rows: str, head: str = "text,service_id") -> Path:
    path = folder / "own.csv"
    path.write_text(f"{head}\n{rows}\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("roads.pit", "roads.pit"),
        ("roads.hole", "roads.pit"),
        ("Яма на дороге", "roads.pit"),
        ("  Не горит   лампа ", "roads.lamp"),
        (OUT_OF_SCOPE, OUT_OF_SCOPE),
        ("Нечто иное", "Нечто иное"),
    ],
)
def test_a_label_is_an_id_or_what_people_call_the_service(
    tmp_path: Path, said: str, service: str
) -> None:
    """Of today, of before, or a title in any language; what is not known is left as it is."""
    (found,) = read(written(tmp_path, f"яма у дома,{said}"), NAMES)

    assert found.label == service


def test_a_title_hides_no_id() -> None:
    """Whatever somebody calls a service."""
    assert NAMES["roads.pit"] == "roads.pit"


def test_columns_are_named_as_the_file_has_them(tmp_path: Path) -> None:
    """The usual names are not asked of a file of others."""
    file = written(tmp_path, "яма,A pit", "words,about")

    (found,) = read(file, NAMES, Columns("words", "about"))

    assert (found.text, found.label) == ("яма", "roads.pit")
    with pytest.raises(ExampleError, match="'text'"):
        read(file, NAMES)


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    """A file may be longer than anybody waits for."""
    assert len(read(written(tmp_path, "a,roads.pit\nb,roads.pit"), NAMES, limit=1)) == 1
