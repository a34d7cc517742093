"""What the settings promise an operator."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from services.chassis import config
from services.chassis.application import platform
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.config import PREFIX, Addresses, Kafka, Oidc, Rates, Settings, SettingsError

GIVEN = {
    "environment": ("production", "production"),
    "data_dir": ("/srv/qyzmet", Path("/srv/qyzmet")),
    "http_host": ("0.0.0.0", "0.0.0.0"),
    "http_port": ("9090", 9090),
    "http_proxies": ("10.0.0.1,10.1.0.0/16", "10.0.0.1,10.1.0.0/16"),
    "public_url": ("https://qyzmet.example.kz", "https://qyzmet.example.kz"),
    "time_zone": ("Asia/Aqtau", "Asia/Aqtau"),
    "tls_dir": ("/srv/tls", Path("/srv/tls")),
    "bus": ("kafka://a.kz:9092,b.kz:9092", "kafka://a.kz:9092,b.kz:9092"),
    "database": ("postgresql://u:p@db.kz/qyzmet", SecretStr("postgresql://u:p@db.kz/qyzmet")),
    "statement_seconds": ("2", 2.0),
    "catalogue": ("/srv/catalogue", Path("/srv/catalogue")),
    "catalogue_two_people": ("true", True),
    "model": ("/srv/model", Path("/srv/model")),
    "gate_examples": ("/srv/own.csv", Path("/srv/own.csv")),
    "gate_text": ("words", "words"),
    "gate_label": ("about", "about"),
    "policy": ("/srv/policy.toml", Path("/srv/policy.toml")),
    "log_format": ("json", "json"),
    "log_level": ("error", "error"),
    "metrics": ("127.0.0.1:9100", "127.0.0.1:9100"),
    "rpc_threads": ("32", 32),
    "streams_per_office": ("5", 5),
    "rpc_deadline_seconds": ("2.5", 2.5),
    "batch_size": ("50", 50),
    "lease_seconds": ("3", 3.0),
    "model_wait_seconds": ("0", 0.0),
    "corrections_most": ("5", 5),
    "corrections_seconds": ("60", 60.0),
    "topic_people": ("10", 10),
    "member": ("replica-2", "replica-2"),
    "workdays": ("moved.toml", Path("moved.toml")),
    "clocks": ("clocks.toml", Path("clocks.toml")),
}
WRONG = {
    "environment": "staging",
    "http_port": "65536",
    "bus": "carrier-pigeon",
    "database": "paper",
    "statement_seconds": "0",
    "log_format": "xml",
    "log_level": "loud",
    "http_proxies": "*",
    "public_url": "https://qyzmet.example.kz/pages",
    "time_zone": "Almaty time",
    "metrics": "everywhere",
    "rpc_threads": "1",
    "streams_per_office": "0",
    "rpc_deadline_seconds": "0",
    "batch_size": "501",
    "lease_seconds": "-1",
    "model_wait_seconds": "soon",
    "corrections_most": "0",
    "topic_people": "2",
    "corrections_seconds": "-1",
    "member": "two words",
}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each test without any setting of whoever runs it."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_every_setting_is_tried_here() -> None:
    """A setting added without a case below fails this test."""
    assert GIVEN.keys() == Settings.model_fields.keys() - config.GROUPS.keys()


@pytest.mark.parametrize("name", GIVEN)
def test_each_setting_is_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A setting in the environment reaches its field."""
    text, value = GIVEN[name]
    monkeypatch.setenv(PREFIX + name.upper(), text)

    assert getattr(config.load(), name) == value


@pytest.mark.parametrize("name", Addresses.model_fields)
def test_each_address_is_read_by_itself(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Setting one address leaves the others as they are."""
    monkeypatch.setenv(f"QYZMET_ADDRESSES__{name.upper()}", "10.0.0.1:1")

    addresses = config.load().addresses.model_dump()

    assert addresses == Addresses().model_dump() | {name: "10.0.0.1:1"}


KAFKA = {
    "security_protocol": ("SASL_SSL", "SASL_SSL"),
    "ssl_cafile": ("/srv/ca.pem", Path("/srv/ca.pem")),
    "ssl_certfile": ("/srv/cert.pem", Path("/srv/cert.pem")),
    "ssl_keyfile": ("/srv/key.pem", Path("/srv/key.pem")),
    "sasl_mechanism": ("PLAIN", "PLAIN"),
    "username": ("qyzmet", "qyzmet"),
    "password": ("hush", SecretStr("hush")),
    "session_seconds": ("3", 3.0),
    "poll_interval_seconds": ("9", 9.0),
    "publish_seconds": ("5", 5.0),
    "answer_seconds": ("2", 2.0),
}


def test_every_setting_of_kafka_is_tried_here() -> None:
    """A setting added without a case above fails this test."""
    assert KAFKA.keys() == Kafka.model_fields.keys()


@pytest.mark.parametrize("name", KAFKA)
def test_each_setting_of_kafka_is_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A setting in the environment reaches its field."""
    text, value = KAFKA[name]
    monkeypatch.setenv(f"QYZMET_KAFKA__{name.upper()}", text)

    assert getattr(config.load().kafka, name) == value


def test_settings_never_show_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are printed where something goes wrong."""
    monkeypatch.setenv("QYZMET_DATABASE", "postgresql://u:hush@db.kz/qyzmet")
    monkeypatch.setenv("QYZMET_KAFKA__PASSWORD", "hush")

    assert "hush" not in repr(config.load())


def test_a_wrong_database_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message goes to a log."""
    monkeypatch.setenv("QYZMET_DATABASE", "mysql://u:hush@db.kz/qyzmet")

    with pytest.raises(SettingsError) as refusal:
        config.load()

    assert "hush" not in refusal.value.message


def test_an_address_that_cannot_be_read_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL's client would say it at the first connection, and quote it."""
    monkeypatch.setenv("QYZMET_DATABASE", "postgresql://qyzmet:100%hush@db.kz/qyzmet")

    with pytest.raises(SettingsError, match=r"QYZMET_DATABASE: .*%25") as caught:
        config.load()

    assert "hush" not in str(caught.value)


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with every command."""
    monkeypatch.setenv("QYZMET_BUS", "embedded")

    assert config.load(bus="kafka://a.kz:9092").bus == "kafka://a.kz:9092"


def test_an_empty_option_leaves_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that is not given says nothing."""
    monkeypatch.setenv("QYZMET_BUS", "kafka://a.kz:9092")

    assert config.load(bus="").bus == "kafka://a.kz:9092"


def test_no_two_services_share_an_address() -> None:
    """The defaults can all be opened on one machine."""
    addresses = list(Addresses().model_dump().values())

    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize(
    "name", ["QYZMET_HTTP_PROT", "QYZMET_ADDRESSES__POST", "QYZMET_", "QYZMET_ADDRESSES"]
)
def test_an_unknown_setting_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A slip of the pen stops the start, and says which."""
    monkeypatch.setenv(name, "x")

    with pytest.raises(SettingsError, match=f"no setting {name}$"):
        config.load()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_names_its_setting(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The operator learns which variable to change."""
    monkeypatch.setenv(PREFIX + name.upper(), WRONG[name])

    with pytest.raises(SettingsError, match=f"^QYZMET_{name.upper()}: "):
        config.load()


def test_every_wrong_value_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mistakes are one message, not two starts."""
    monkeypatch.setenv("QYZMET_HTTP_PORT", "x")
    monkeypatch.setenv("QYZMET_LOG_LEVEL", "y")

    with pytest.raises(SettingsError) as refusal:
        config.load()

    assert "QYZMET_HTTP_PORT: " in refusal.value.message
    assert "QYZMET_LOG_LEVEL: " in refusal.value.message


def test_variables_of_others_are_nobody_s_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not carry our prefix changes nothing."""
    monkeypatch.setenv("HTTP_PORT", "1")

    assert config.load() == Settings()


@pytest.mark.parametrize("model", [Settings(), Addresses()])
def test_settings_cannot_change_after_they_were_read(model: BaseModel) -> None:
    """Whoever holds the settings knows them for good."""
    name = next(iter(type(model).model_fields))

    with pytest.raises(ValidationError):
        setattr(model, name, "x")


def test_the_default_is_development() -> None:
    """A first start needs no setting, and is not taken for production."""
    assert not config.load().is_production


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_the_folder_of_secrets_is_for_its_owner_only(tmp_path: Path) -> None:
    """Even where files are made readable for all by default."""
    settings = Settings(data_dir=tmp_path)
    bus = EmbeddedBus(tmp_path / "bus.sqlite", now=lambda: pytest.fail("no clock is needed"))

    platform(settings, bus)
    bus.close()

    modes = {path.name: _mode(path) for path in settings.secrets_dir.rglob("*")}
    assert _mode(settings.secrets_dir) == 0o700
    assert modes == {"issuer.pem": 0o600}


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


OIDC = {
    "issuer": ("https://idp.kz/realms/state", "https://idp.kz/realms/state"),
    "audience": ("qyzmet-portal", "qyzmet-portal"),
    "jwks_url": ("https://idp.kz/keys", "https://idp.kz/keys"),
    "algorithms": ('["RS256"]', ("RS256",)),
    "leeway_seconds": ("5", 5.0),
    "fetch_seconds": ("2", 2.0),
    "refresh_seconds": ("60", 60.0),
    "pause_seconds": ("20", 20.0),
    "stale_seconds": ("3600", 3600.0),
    "client_id": ("qyzmet-pages", "qyzmet-pages"),
    "client_secret": ("hush", SecretStr("hush")),
    "scope": ("openid profile", "openid profile"),
    "role_claim": ("realm_access.roles", "realm_access.roles"),
    "roles": ('{"state-officer": "officer"}', {"state-officer": "officer"}),
    "default_role": ("citizen", "citizen"),
    "portal_claim": ("azp", "azp"),
    "offices_claim": ("kz.offices", "kz.offices"),
    "agencies_claim": ("kz.agencies", "kz.agencies"),
    "regions_claim": ("kz.regions", "kz.regions"),
}


def test_every_setting_of_the_outside_issuer_is_tried_here() -> None:
    """A new setting of it is added here, or this fails."""
    assert OIDC.keys() == Oidc.model_fields.keys()


@pytest.mark.parametrize("name", OIDC)
def test_each_setting_of_the_outside_issuer_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """From the variable that its page names; lists and tables as JSON."""
    text, value = OIDC[name]
    monkeypatch.setenv(f"QYZMET_OIDC__{name.upper()}", text)

    assert getattr(config.load().oidc, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ALGORITHMS", '["none"]'),
        ("ALGORITHMS", '["HS256"]'),
        ("ALGORITHMS", "[]"),
        ("DEFAULT_ROLE", "administrator"),
        ("LEEWAY_SECONDS", "3600"),
    ],
)
def test_a_setting_that_would_let_anybody_in_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    """No algorithm without a key of the issuer, and no powers for who has none."""
    monkeypatch.setenv(f"QYZMET_OIDC__{name}", text)

    with pytest.raises(SettingsError, match=f"QYZMET_OIDC__{name}"):
        config.load()


def test_production_signs_nobody_in_by_pages_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cookies of production go by TLS only, so the pages must be behind it."""
    monkeypatch.setenv("QYZMET_ENVIRONMENT", "production")
    monkeypatch.setenv("QYZMET_OIDC__CLIENT_ID", "qyzmet-pages")
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        config.load()

    monkeypatch.setenv("QYZMET_PUBLIC_URL", "https://qyzmet.example.kz")
    assert config.load().public_url == "https://qyzmet.example.kz"


def case_link() -> str:
    settings = config.load()
    return settings.notify.case_link(settings.public_url)


def test_messages_name_the_page_of_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own where people find our pages, another where one is named, else none."""
    assert case_link() == ""

    monkeypatch.setenv("QYZMET_PUBLIC_URL", "https://qyzmet.example.kz")
    assert case_link() == "https://qyzmet.example.kz/{language}/cases/{case_id}"

    monkeypatch.setenv("QYZMET_NOTIFY__LINK", "https://egov.kz/request?id={case_id}")
    assert case_link() == "https://egov.kz/request?id={case_id}"


def test_an_address_that_is_the_same_for_every_case_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else each message would lead to the same page, and to no case."""
    monkeypatch.setenv("QYZMET_NOTIFY__LINK", "https://egov.kz/requests")

    with pytest.raises(SettingsError, match=r"QYZMET_NOTIFY__LINK.*\{case_id\}"):
        config.load()


def test_production_names_its_log_of_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A witness holds two logs of one name for a fork; one begun long ago keeps the usual name."""
    assert config.load().log_origin == "qyzmet.local/decisions"

    monkeypatch.setenv("QYZMET_ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match="QYZMET_AUDIT__ORIGIN"):
        _ = config.load().log_origin

    for name in ("audit.example.kz/decisions", "qyzmet.local/decisions"):
        monkeypatch.setenv("QYZMET_AUDIT__ORIGIN", name)
        assert config.load().log_origin == name


@pytest.mark.parametrize("name", Rates.model_fields)
def test_each_rate_is_read_and_is_not_negative(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nothing, where nothing is set: the gateway knows what is fit then."""
    assert getattr(config.load().rates, name) is None

    monkeypatch.setenv(f"QYZMET_RATES__{name.upper()}", "7")
    assert getattr(config.load().rates, name) == 7

    monkeypatch.setenv(f"QYZMET_RATES__{name.upper()}", "-1")
    with pytest.raises(SettingsError, match=f"QYZMET_RATES__{name.upper()}"):
        config.load()
