"""What a catalogue folder and the kept versions promise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.catalog.app import MIGRATIONS
from services.catalog.domain import Catalogue, CatalogueError, Channel, Code, compose
from services.catalog.store import bundled_folder, read_folder, save_folder
from services.catalog.store.tables import versions
from services.catalog.store.versions import SqlVersions
from services.chassis.application import utc_now
from services.chassis.database import Database, open_database
from services.chassis.errors import InternalError
from services.chassis.testing import settings_in
from tests.unit.catalog.conftest import draft, service, text

IDENTITY = "services/identity.yaml"


def told(folder: Path) -> list[tuple[str, Code]]:
    """Return the place and code of every fault of a folder."""
    with pytest.raises(CatalogueError) as caught:
        read_folder(folder)
    return [(fault.place, fault.code) for fault in caught.value.faults]


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file."""
    content = (folder / file).read_text("utf-8")
    assert old in content
    (folder / file).write_text(content.replace(old, new, 1), "utf-8")


def test_the_bundled_catalogue_has_no_faults() -> None:
    """The product starts with 300 services, 92 % of them online."""
    bundled = read_folder(bundled_folder())

    assert len(bundled.services) == 300
    assert bundled.online_share == 0.92


def test_the_bundled_folder_is_written_as_we_write(tmp_path: Path) -> None:
    """Saving it again changes no byte, so that a later diff shows edits only."""
    save_folder(read_folder(bundled_folder()), tmp_path)

    for written in tmp_path.glob("**/*.yaml"):
        original = bundled_folder() / written.relative_to(tmp_path)
        assert written.read_bytes() == original.read_bytes()


def test_a_saved_catalogue_is_read_back(folder: Path, catalogue: Catalogue) -> None:
    """A folder holds the whole catalogue."""
    assert read_folder(folder) == catalogue


def test_texts_that_services_may_lack_are_read_back(tmp_path: Path) -> None:
    """What to bring, and what people call it."""
    texts = {"evidence": text("card"), "keywords": text("pass; trip")}
    catalogue = compose(draft(services=(*draft().services, service("identity.visa", **texts))))

    save_folder(catalogue, tmp_path)

    assert read_folder(tmp_path) == catalogue


def test_saving_removes_the_files_of_areas_that_are_gone(folder: Path) -> None:
    """A folder holds the catalogue that was saved last, and nothing of the one before."""
    smaller = compose(draft(services=(service("identity.passport"),)))

    save_folder(smaller, folder)

    assert read_folder(folder) == smaller


def test_comments_layout_and_order_do_not_change_the_version(
    folder: Path, catalogue: Catalogue
) -> None:
    """People may arrange a file as they like."""
    entries = (folder / "regions.yaml").read_text("utf-8").split("\n\n")
    turned = "# Regions\n" + "\n\n\n".join(reversed([entry.strip() for entry in entries]))
    (folder / "regions.yaml").write_text(turned, "utf-8-sig", newline="\r\n")

    assert read_folder(folder).version == catalogue.version


def test_every_value_is_text(folder: Path) -> None:
    """A title may be the word no, or a number, without quotes."""
    edit(folder, IDENTITY, "identity.id-card en", "no")
    edit(folder, IDENTITY, "identity.id-card ru", "010")

    title = read_folder(folder).service("identity.id-card").title

    assert (title.ru, title.en) == ("010", "no")


def test_letters_are_composed(folder: Path, catalogue: Catalogue) -> None:
    """й is one letter, whether an editor stored it as one character or as two."""
    edit(folder, IDENTITY, "identity.id-card ru", "и\u0306")

    assert read_folder(folder).service("identity.id-card").title.ru == "\u0439"


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("channel: in-person", "channel: inperson", 9, Code.UNKNOWN_CHANNEL),
        ("audience: citizen", "audience: all", 8, Code.UNKNOWN_AUDIENCE),
        ("  channel: in-person\n", "", 1, Code.MISSING),
        ("  audience", "  fee: 0\n  audience", 8, Code.UNKNOWN_KEY),
        ("  audience", "  agency: MIA\n  audience", 8, Code.DUPLICATE_KEY),
        ("    ru: identity.id-card ru\n", "", 2, Code.MISSING_LANGUAGE),
        ("    ru: identity.id-card ru\n", "    ru: [a]\n", 4, Code.BAD_VALUE),
        ("    ru: identity.id-card ru\n", "    de: x\n    ru: y\n", 4, Code.UNKNOWN_KEY),
        ("agency: MIA", "agency: MIB", 6, Code.UNKNOWN_AGENCY),
        ("life-event: documents", "life-event: document", 7, Code.UNKNOWN_LIFE_EVENT),
        ("id: identity.id-card", "id: housing.id-card", 1, Code.WRONG_FILE),
        ("id: identity.id-card", "id: id-card", 1, Code.BAD_ID),
        ("agency: MIA", "agency: &mia MIA", 6, Code.REFUSED_YAML),
        ("agency: MIA", "agency: *mia", 6, Code.REFUSED_YAML),
        ("agency: MIA", "agency: !!python/name:os.system", 6, Code.REFUSED_YAML),
        ("agency: MIA", "agency: [[[[[[[[[MIA]]]]]]]]]", 6, Code.REFUSED_YAML),
        ("agency: MIA", "agency: {[a]: b}", 6, Code.REFUSED_YAML),
        ("agency: MIA", "agency: 'MIA", 6, Code.BAD_YAML),
    ],
)
def test_a_fault_is_told_at_its_line(
    folder: Path, old: str, new: str, line: int, code: Code
) -> None:
    """The editor is led to the line to mend, and to no other."""
    edit(folder, IDENTITY, old, new)

    assert told(folder) == [(f"{IDENTITY}:{line}", code)]


@pytest.mark.parametrize(
    ("content", "line", "code"),
    [
        (b"", 1, Code.EMPTY_FILE),
        (b"# nothing\n", 1, Code.EMPTY_FILE),
        (b"- id: a\n  title: \xff\n", 2, Code.BAD_UTF8),
        (b"- a\x00b\n", 1, Code.BAD_YAML),
        (b" " * 1_000_001, 1, Code.FILE_TOO_LARGE),
        (b"id: identity.passport\n", 1, Code.BAD_VALUE),
        (b"- identity.passport\n", 1, Code.BAD_VALUE),
        (b"[]\n---\n[]\n", 2, Code.REFUSED_YAML),
    ],
)
def test_a_file_that_is_no_list_of_entries_is_told(
    folder: Path, content: bytes, line: int, code: Code
) -> None:
    """Whatever stands in a file, the answer names the file."""
    (folder / IDENTITY).write_bytes(content)

    assert (f"{IDENTITY}:{line}", code) in told(folder)


def test_a_duplicate_names_both_places(folder: Path) -> None:
    """Of two services with one id the editor must choose, so both are shown."""
    edit(folder, IDENTITY, "id: identity.passport", "id: identity.id-card")

    with pytest.raises(CatalogueError, match=rf"(?s){IDENTITY}:11: .* already at {IDENTITY}:1 "):
        read_folder(folder)


def test_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    """One run shows everything there is to mend."""
    edit(folder, IDENTITY, "agency: MIA", "agency: MIB")
    edit(folder, "agencies.yaml", "regional: yes", "regional: maybe")
    (folder / "services/housing.yaml").write_text("'", "utf-8")

    assert told(folder) == [
        ("agencies.yaml:6", Code.BAD_VALUE),
        ("services/housing.yaml:1", Code.BAD_YAML),
        (f"{IDENTITY}:6", Code.UNKNOWN_AGENCY),
    ]


def test_a_missing_list_is_one_fault(folder: Path) -> None:
    """Without agencies not every service is told to have an unknown one."""
    (folder / "agencies.yaml").unlink()

    assert told(folder) == [("agencies.yaml:1", Code.MISSING_FILE)]


def test_a_file_that_would_not_be_read_is_told(folder: Path) -> None:
    """A file with a slip in its name does not vanish in silence."""
    (folder / IDENTITY).rename(folder / "services/identity.yml")

    assert told(folder) == [("services/identity.yml:1", Code.UNKNOWN_FILE)]


def test_a_format_of_the_future_is_refused(folder: Path) -> None:
    """What we may misread we do not read."""
    edit(folder, "catalogue.yaml", "'1'", "'2'")

    assert told(folder) == [("catalogue.yaml:1", Code.BAD_FORMAT)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(settings_in(tmp_path), "catalog", MIGRATIONS)
    yield database
    database.close()


@pytest.fixture
def kept(database: Database) -> SqlVersions:
    return SqlVersions(database, utc_now)


def test_a_kept_version_is_found_as_it_was(kept: SqlVersions, catalogue: Catalogue) -> None:
    """A decision can be looked at with the catalogue it was made with."""
    kept.keep(catalogue)

    assert kept.get(catalogue.version) == catalogue


def test_only_the_first_time_is_a_version_new(kept: SqlVersions, catalogue: Catalogue) -> None:
    """Publishing again says so and changes nothing."""
    assert kept.keep(catalogue)
    assert not kept.keep(catalogue)


def test_a_version_never_kept_is_not_found(kept: SqlVersions) -> None:
    """Nothing is made up."""
    assert kept.get("0" * 64) is None


def test_a_version_is_read_once_for_many_who_look(kept: SqlVersions, catalogue: Catalogue) -> None:
    """Whoever works on the draft asks for the whole register with each page."""
    kept.keep(catalogue)

    assert kept.get(catalogue.version) is kept.get(catalogue.version)


def test_an_altered_version_is_never_given_out(
    kept: SqlVersions, database: Database, catalogue: Catalogue
) -> None:
    """A version is what its name says, or an error."""
    other = compose(draft(services=(service("identity.passport", channel=Channel.IN_PERSON),)))
    kept.keep(catalogue)
    altered = sa.update(versions).values(content=other.canonical())
    database.change(lambda connection: connection.execute(altered) and None)

    with pytest.raises(InternalError):
        kept.get(catalogue.version)


def with_term(folder: Path, days: str) -> Path:
    """Give the first service of a file a term."""
    path = next((folder / "services").glob("*.yaml"))
    text = path.read_text("utf-8")
    path.write_text(text.replace("  agency:", f"  term-days: {days}\n  agency:", 1), "utf-8")
    return folder


def test_a_term_is_read_and_written(folder: Path, catalogue: Catalogue) -> None:
    """A register without terms keeps its version; one with a term has another."""
    read = read_folder(with_term(folder, "5"))

    assert sorted(one.term_days for one in read.services)[-1] == 5
    assert read.version != catalogue.version
    save_folder(read, folder)
    assert read_folder(folder) == read
    assert Catalogue.from_canonical(read.canonical()) == read


@pytest.mark.parametrize("days", ["0", "-1", "five", "1001", "5.5"])
def test_a_term_that_is_no_number_of_days_is_told(folder: Path, days: str) -> None:
    """With its place, as every fault."""
    with pytest.raises(CatalogueError, match="term-days must be a whole number"):
        read_folder(with_term(folder, days))
