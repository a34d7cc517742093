"""The policy as a file: what it says, and how a slip in it is told."""

from pathlib import Path

import pytest

from services.routing.domain import Language, PolicyError, Thresholds
from services.routing.store import bundled_policy, keep_policy, kept_policy, read_policy

WHOLE = """
format = 1
hop-cap = 1
offers = 3
least-chance = 0.4
sample-share = 0.05
[thresholds.kk]
route = 0.95
confirm = 0.5
[needs-human]
services = ["identity.passport"]
[off]
languages = ["mixed"]
services = ["social.pension"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def test_a_policy_says_what_its_file_says(file: Path) -> None:
    """Every rule of the file is in force."""
    file.write_text(WHOLE)

    policy = read_policy(file)

    assert (policy.hop_cap, policy.offers, policy.least_chance) == (1, 3, 0.4)
    assert policy.sample_share == 0.05
    assert policy.thresholds == {Language.KK: Thresholds(0.95, 0.5)}
    assert (policy.needs_human, policy.off.services) == ({"identity.passport"}, {"social.pension"})
    assert policy.off.languages == {Language.MIXED}


def test_the_bundled_policy_leaves_the_model_s_thresholds() -> None:
    """Out of the box nothing is off, two returns are the cap, and offers are worth reading."""
    policy = read_policy(bundled_policy())

    assert (policy.hop_cap, policy.offers, policy.off.everything) == (2, 5, False)
    assert policy.least_chance == 0.5
    assert not policy.thresholds


def test_a_policy_that_speaks_of_no_sample_draws_none(file: Path) -> None:
    """A policy of before means what it meant under the same version."""
    file.write_text("format = 1")

    assert read_policy(file).sample_share == 0.0


def test_a_comment_does_not_change_the_version(file: Path) -> None:
    """The version names the content, not its form."""
    file.write_text(WHOLE)
    before = read_policy(file).version
    file.write_text("# as agreed in March\n" + WHOLE)

    assert read_policy(file).version == before


def test_a_rule_changes_the_version(file: Path) -> None:
    """A decision can always be told to which rules it was made."""
    file.write_text(WHOLE)
    before = read_policy(file).version
    file.write_text(WHOLE.replace("0.95", "0.96"))

    assert read_policy(file).version != before


SLIPS = [
    ("hop-cap = 1", "format must be 1"),
    ("format = 2", "format must be 1"),
    ("format = 1\nthreshold = 1", "threshold is not a key"),
    ("format = 1\nhop-cap = 3", "hop-cap must be a whole number from 0 to 2"),
    ("format = 1\nleast-chance = 1.5", "least-chance must be a number from 0 to 1"),
    ("format = 1\nsample-share = 0.21", "sample-share must be a number from 0 to 0.2"),
    ("format = 1\nhop-cap = true", "hop-cap must be a whole number"),
    ("format = 1\noffers = 0", "offers must be a whole number from 1 to 5"),
    ("format = 1\noffers = 2026-03-02", "offers must be a whole number from 1 to 5"),
    ("format = 1\noff = 1", "off must be a table"),
    ('format = 1\n[off]\neverything = "yes"', "off.everything must be true or false"),
    ('format = 1\n[off]\nlanguages = ["de"]', "off.languages de is not one of kk, ru, en"),
    ("format = 1\n[off]\nservices = [1]", "off.services must be a list of texts"),
    ("format = 1\n[needs-human]\nservice = []", "needs-human.service is not a key"),
    ("format = 1\n[thresholds.de]\nroute = 1", "thresholds de is not one of"),
    ("format = 1\n[thresholds.kk]\nroute = 1.1", "thresholds.kk.route must be a number"),
    ("format = 1\n[thresholds.kk]\nroute = nan", "thresholds.kk.route must be a number"),
    ("format = 1\n[thresholds.kk]\nask = 1", "thresholds.kk.ask is not a key"),
    ("format = 1\n[thresholds.kk]\nroute = 0.1\nconfirm = 0.2", "must not be lower than confirm"),
    ("format = 1\nhop-cap = = 2", "line 2"),
    ("format = 1\n# " + "x" * 1024 * 1024, "is larger than"),
]


@pytest.mark.parametrize(("text", "sentence"), SLIPS, ids=[slip[1] for slip in SLIPS])
def test_a_slip_is_named_with_its_file(file: Path, text: str, sentence: str) -> None:
    """Who wrote it finds it: by the file, and the key or line."""
    file.write_text(text)

    with pytest.raises(PolicyError) as refusal:
        read_policy(file)

    assert refusal.value.message.startswith(str(file))
    assert sentence in refusal.value.message


def test_a_file_that_is_not_text_is_refused(file: Path) -> None:
    """Bytes that are no UTF-8 are told as such."""
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(PolicyError, match="is not UTF-8"):
        read_policy(file)


def test_a_file_that_is_missing_is_named(file: Path) -> None:
    """An operator sees which file was looked for."""
    with pytest.raises(PolicyError, match=r"policy\.toml: No such file"):
        read_policy(file)


def test_every_policy_is_kept_under_its_version(file: Path, tmp_path: Path) -> None:
    """A decision names the version; its rules can be read when others are in force."""
    folder = tmp_path / "policies"
    file.write_text(WHOLE)
    first = keep_policy(file, folder)
    file.write_text("format = 1")
    second = keep_policy(file, folder)

    assert kept_policy(folder, first.version) == first != second
    assert len(list(folder.iterdir())) == 2


def test_a_policy_kept_twice_is_kept_once(file: Path, tmp_path: Path) -> None:
    """However its file is written: the version is of the content."""
    file.write_text("format = 1\noffers = 3")
    keep_policy(file, tmp_path / "policies")
    file.write_text("offers = 3 # three\nformat = 1")
    keep_policy(file, tmp_path / "policies")

    assert len(list((tmp_path / "policies").iterdir())) == 1


def test_a_kept_policy_that_was_altered_is_refused(file: Path, tmp_path: Path) -> None:
    """Its name is the hash of what it says."""
    file.write_text("format = 1\noffers = 3")
    version = keep_policy(file, tmp_path).version
    kept = tmp_path / f"{version}.json"
    kept.write_bytes(kept.read_bytes().replace(b"3", b"2"))

    with pytest.raises(PolicyError, match="altered"):
        kept_policy(tmp_path, version)


@pytest.mark.parametrize("version", ["", "p1", "../policy", "a" * 64])
def test_what_was_not_kept_is_not_made_up(tmp_path: Path, version: str) -> None:
    """Nor is any other file read."""
    assert kept_policy(tmp_path, version) is None
