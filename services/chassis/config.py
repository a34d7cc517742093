"""Settings: read once, from the environment, here and nowhere else."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.errors import InvalidError
from services.chassis.outgoing import Notify, Webhooks

PREFIX = "QYZMET_"


class SettingsError(InvalidError):
    """A setting is missing or wrong."""

    reason = "SETTING"


class Addresses(BaseModel):
    """Where each service listens for gRPC, as host:port; port 0 takes a free one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    catalog: str = "127.0.0.1:50051"
    classifier: str = "127.0.0.1:50052"
    cases: str = "127.0.0.1:50053"
    routing: str = "127.0.0.1:50054"
    delivery: str = "127.0.0.1:50055"
    feed: str = "127.0.0.1:50056"
    audit: str = "127.0.0.1:50057"


class Kafka(BaseModel):
    """How the brokers are reached, and how long to be patient with them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how the brokers are spoken to"
    )
    ssl_cafile: Path | None = Field(None, description="certificates of who may be a broker")
    ssl_certfile: Path | None = Field(None, description="our certificate, for mutual TLS")
    ssl_keyfile: Path | None = Field(None, description="the key of our certificate")
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="how we sign in where the protocol is SASL"
    )
    username: str = Field("", description="the name we sign in with")
    password: SecretStr = Field(SecretStr(""), description="the password we sign in with")
    session_seconds: float = Field(
        10.0, gt=0, description="a consumer without heartbeat for so long is replaced"
    )
    poll_interval_seconds: float = Field(
        300.0, gt=0, description="a consumer that handles a batch for so long is replaced"
    )
    publish_seconds: float = Field(
        60.0, gt=0, description="a message not acknowledged for so long is sent again"
    )
    answer_seconds: float = Field(
        10.0, gt=1, description="a broker that does not answer for so long is asked again"
    )


class Audit(BaseModel):
    """What the log of decisions is called, and how often it is sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str = Field(
        "qyzmet.local/decisions",
        pattern=r"^[^\s+]{1,200}$",
        description="name of the log of decisions, signed in every checkpoint: one of your own, "
        "which production insists on; never change it",
    )
    checkpoint_records: int = Field(
        1000, ge=1, description="a checkpoint is signed after so many records"
    )
    checkpoint_seconds: float = Field(
        10.0, ge=0, description="a checkpoint is signed after so long where a record waits for it"
    )
    reconcile_seconds: float = Field(
        5.0, gt=0, description="so often 2000 decisions of cases are held against the log"
    )
    gap_seconds: float = Field(
        600.0, ge=0, description="a decision without a record in the log rings when it is so old"
    )
    programmes: Path | None = Field(
        None, description="file of the plan of programmes; the bundled one if unset"
    )


class Oidc(BaseModel):
    """The outside issuer by whose tokens people and portals sign in (OpenID Connect)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field("", description="the issuer, as its tokens name it; none if unset")
    audience: str = Field("qyzmet", description="whom its tokens must be for")
    jwks_url: str = Field(
        "", description="where its keys are; if unset, where its discovery document says"
    )
    algorithms: tuple[Literal["ES256", "RS256", "EdDSA"], ...] = Field(
        ("ES256", "RS256", "EdDSA"), min_length=1, description="how its tokens may be signed"
    )
    leeway_seconds: float = Field(
        30.0, ge=0, le=300, description="how far its clock may be from ours"
    )
    fetch_seconds: float = Field(
        5.0, gt=0, le=60, description="how long fetching its keys may take"
    )
    refresh_seconds: float = Field(
        300.0, gt=0, description="keys older than this are fetched again"
    )
    pause_seconds: float = Field(
        10.0, gt=0, description="least time between two fetches, whatever tokens come"
    )
    stale_seconds: float = Field(
        86400.0, gt=0, description="how old keys may become while the issuer is away"
    )
    client_id: str = Field(
        "", description="as whom the pages sign people in there; pages sign nobody in if unset"
    )
    client_secret: SecretStr = Field(
        SecretStr(""), description="the secret that goes with it; none for a public client"
    )
    scope: str = Field("openid", description="what the pages ask the issuer for")
    role_claim: str = Field("role", description="claim with the role; dots lead into claims")
    roles: dict[str, str] = Field(
        {}, description='the issuer\'s names of roles: {"state-officer": "officer"}'
    )
    default_role: Literal["", "citizen"] = Field(
        "", description="role of who has none; refused if unset"
    )
    portal_claim: str = Field("portal", description="claim with the portal's name")
    offices_claim: str = Field("offices", description="claim with codes of offices")
    agencies_claim: str = Field("agencies", description="claim with codes of agencies")
    regions_claim: str = Field(
        "regions", description="claim with regions, which make offices of the agencies"
    )


class Rates(BaseModel):
    """How often one caller may ask the portal; 0 is as often as they like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_per_minute: int | None = Field(
        None, ge=0, description="requests of one person; if unset 600 in production, else no bound"
    )
    portal_per_minute: int | None = Field(
        None, ge=0, description="of one portal; if unset 60000 in production, else no bound"
    )
    address_per_minute: int | None = Field(
        None,
        ge=0,
        description="of one address, for who is not signed in; if unset 120 in production",
    )


BUS = r"^(embedded|kafka://[A-Za-z0-9.-]+:\d{1,5}(,[A-Za-z0-9.-]+:\d{1,5})*)$"


def _database(url: SecretStr) -> SecretStr:
    if not re.fullmatch(r"sqlite|postgresql://\S+/\S+", url.get_secret_value()):
        raise ValueError("it is sqlite, or postgresql://USER:PASSWORD@HOST:PORT/NAME")
    if url.get_secret_value() != "sqlite":
        _refuse_unreadable(url.get_secret_value())
    return url


def _refuse_unreadable(url: str) -> None:
    """Have PostgreSQL's client read an address; what it says of one may quote a password."""
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415  takes a moment, and is seldom

    try:
        conninfo.conninfo_to_dict(url)
    except ProgrammingError:
        raise ValueError("in a user or password %40 stands for @, %25 for %, %2F for /") from None


class Settings(BaseSettings):
    """Everything an operator may set; each as an environment variable `QYZMET_<NAME>`.

    A field of `addresses` is `QYZMET_ADDRESSES__CASES` and so on.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    environment: Literal["development", "production"] = Field(
        "development",
        description="production switches reflection and anonymous callers off "
        "(but for [watching the log](audit.md))",
    )
    data_dir: Path = Field(
        Path("var"), description="folder of databases, keys, models and policies"
    )
    http_host: str = Field("127.0.0.1", description="address of the HTTP door")
    http_port: int = Field(8080, ge=0, le=65535, description="port of the HTTP door")
    http_proxies: str = Field(
        "",
        pattern=r"^([0-9A-Fa-f.:/]+(,[0-9A-Fa-f.:/]+)*)?$",
        description="addresses, with commas, whose X-Forwarded-For tells who calls",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?$",
        description="where people find the pages, such as https://qyzmet.example.kz; "
        "as their browser says if unset",
    )
    time_zone: str = Field(
        "Asia/Almaty", pattern=r"^[A-Za-z]+(/[A-Za-z_]+)*$", description="in which pages tell times"
    )
    rates: Rates = Field(Rates(), description="how often one caller may ask the portal")
    addresses: Addresses = Field(Addresses(), description="where each service listens for gRPC")
    tls_dir: Path | None = Field(
        None, description="folder of certificates for TLS between services; no TLS if unset"
    )
    bus: str = Field(
        "embedded", pattern=BUS, description="event bus: embedded, or kafka://HOST:PORT[,HOST:PORT]"
    )
    kafka: Kafka = Field(Kafka(), description="how to reach Kafka")
    webhooks: Webhooks = Field(
        Webhooks(), description="how events are brought to the offices that want webhooks"
    )
    notify: Notify = Field(Notify(), description="how citizens are told what becomes of cases")
    audit: Audit = Field(Audit(), description="how the log of decisions is sealed")
    oidc: Oidc = Field(Oidc(), description="the outside issuer by whose tokens people sign in")
    database: Annotated[SecretStr, AfterValidator(_database)] = Field(
        SecretStr("sqlite"),
        description="databases of the services: sqlite, or postgresql://USER:PASSWORD@HOST:PORT/NAME",
    )
    statement_seconds: float = Field(
        4.0, gt=0, description="how long a statement may take in PostgreSQL"
    )
    catalogue: Path | None = Field(None, description="catalogue folder; the bundled one if unset")
    catalogue_two_people: bool = Field(
        False,
        description="whether only who changed nothing in a draft of the register publishes it",
    )
    model: Path | None = Field(None, description="model folder; the live one if unset")
    gate_examples: Path | None = Field(
        None, description="labelled texts that proposed models are tried on; bundled ones if unset"
    )
    gate_text: str = Field("text", min_length=1, description="their column that holds the words")
    gate_label: str = Field(
        "service_id", min_length=1, description="their column of the service's id or title"
    )
    policy: Path | None = Field(None, description="routing policy file; the bundled one if unset")
    workdays: Path | None = Field(
        None, description="file of moved days off and holidays; the bundled one if unset"
    )
    clocks: Path | None = Field(
        None, description="file of reminders and escalations; the bundled one if unset"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console in a terminal in development, else json"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least severe log lines shown"
    )
    metrics: str = Field(
        "",
        pattern=r"^([A-Za-z0-9.:-]+:\d{1,5})?$",
        description="where Prometheus reads metrics, as host:port; nowhere if unset",
    )
    rpc_threads: int = Field(16, ge=2, le=256, description="threads of each gRPC server")
    streams_per_office: int = Field(
        20, ge=1, le=2000, description="most streams one office has open at each member of delivery"
    )
    rpc_deadline_seconds: float = Field(
        10.0, gt=0, description="deadline of calls between services"
    )
    batch_size: int = Field(200, ge=1, le=500, description="most events a consumer takes at once")
    lease_seconds: float = Field(
        10.0, gt=0, description="time after which a silent owner is replaced"
    )
    model_wait_seconds: float = Field(
        60.0, ge=0, description="how long a case waits for the classifier before a person gets it"
    )
    corrections_most: int = Field(
        20, ge=1, description="more corrections of one writer in a time wait for a person"
    )
    corrections_seconds: float = Field(
        3600.0, gt=0, description="the time in which one writer's corrections are counted"
    )
    topic_people: int = Field(
        5,
        ge=3,
        description="topics of triaged cases, and each word told of them, are of so many people",
    )
    member: str = Field("0", pattern=r"^[A-Za-z0-9._-]{1,64}$", description="name of this replica")

    @model_validator(mode="after")
    def _keys_behind_tls(self) -> Self:
        urls = (self.oidc.issuer, self.oidc.jwks_url)
        if self.is_production and any(url.startswith("http:") for url in urls):
            raise ValueError("in production the issuer and its keys are behind https")
        if self.is_production and self.oidc.client_id and self.public_url[:6] != "https:":
            raise ValueError("in production people sign in by pages behind https: set PUBLIC_URL")
        return self

    @property
    def is_production(self) -> bool:
        """Tell whether the strict rules of production hold."""
        return self.environment == "production"

    @property
    def log_origin(self) -> str:
        """Return the name of the log of decisions; in production there is no usual one.

        Whoever watches logs tells them apart by their names: two under one are a fork to them.
        """
        if self.is_production and "origin" not in self.audit.model_fields_set:
            raise SettingsError(
                f"{PREFIX}AUDIT__ORIGIN: in production the log of decisions needs a name that no "
                "other log has, such as audit.example.kz/decisions, for ever (one that was begun "
                f"without a name is called {self.audit.origin}, and keeps that)"
            )
        return self.audit.origin

    @property
    def secrets_dir(self) -> Path:
        """Return the folder of keys, readable by the owner only."""
        return self.data_dir / "secrets"

    @property
    def models_dir(self) -> Path:
        """Return the folder of models, each under its SHA-256."""
        return self.data_dir / "models"

    @property
    def policies_dir(self) -> Path:
        """Return the folder of routing policies that were in force, each under its SHA-256."""
        return self.data_dir / "policies"

    @property
    def shadow_dir(self) -> Path:
        """Return the folder of what candidates would have answered."""
        return self.data_dir / "shadow"

    @property
    def corrections_dir(self) -> Path:
        """Return the folder of what people said of where cases belong, for the next training."""
        return self.data_dir / "corrections"


GROUPS: Mapping[str, type[BaseModel]] = {
    "addresses": Addresses,
    "kafka": Kafka,
    "webhooks": Webhooks,
    "notify": Notify,
    "audit": Audit,
    "oidc": Oidc,
    "rates": Rates,
}
"""Settings that hold settings."""


def load(**given: str) -> Settings:
    """Read the settings; a wrong or unknown one raises SettingsError and names itself.

    What is given, by the command line, goes before the environment.
    """
    _refuse_unknown(name for name in os.environ if name.startswith(PREFIX))
    try:
        return Settings(**{name: value for name, value in given.items() if value})  # type: ignore[arg-type]  # pydantic reads the text
    except ValidationError as error:
        raise SettingsError("; ".join(_sentences(error))) from error


def _refuse_unknown(given: Iterable[str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields if name not in GROUPS}
    for group, fields in GROUPS.items():
        known |= {f"{PREFIX}{group.upper()}__{name.upper()}" for name in fields.model_fields}
    for name in given:
        if name not in known:
            raise SettingsError(f"there is no setting {name}")


def _sentences(error: ValidationError) -> list[str]:
    return [
        f"{PREFIX}{'__'.join(str(part).upper() for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()
    ]
