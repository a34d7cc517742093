"""Settings: read once, from the environment, here and nowhere else."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.errors import InvalidError

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


class Settings(BaseSettings):
    """Everything an operator may set; each as an environment variable `QYZMET_<NAME>`.

    A field of `addresses` is `QYZMET_ADDRESSES__CASES` and so on.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    environment: Literal["development", "production"] = Field(
        "development", description="production switches reflection and anonymous callers off"
    )
    data_dir: Path = Field(Path("var"), description="folder of databases, keys and models")
    http_host: str = Field("127.0.0.1", description="address of the HTTP door")
    http_port: int = Field(8080, ge=0, le=65535, description="port of the HTTP door")
    addresses: Addresses = Field(Addresses(), description="where each service listens for gRPC")
    bus: str = Field("embedded", pattern=r"^embedded$", description="event bus")
    database: str = Field("sqlite", pattern=r"^sqlite$", description="databases of the services")
    catalogue: Path | None = Field(None, description="catalogue folder; the bundled one if unset")
    model: Path | None = Field(None, description="model folder; the live one if unset")
    policy: Path | None = Field(None, description="routing policy file; the bundled one if unset")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console in a terminal in development, else json"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least severe log lines shown"
    )
    rpc_threads: int = Field(16, ge=2, le=256, description="threads of each gRPC server")
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
    member: str = Field("0", pattern=r"^[A-Za-z0-9._-]{1,64}$", description="name of this replica")

    @property
    def is_production(self) -> bool:
        """Tell whether the strict rules of production hold."""
        return self.environment == "production"

    @property
    def secrets_dir(self) -> Path:
        """Return the folder of keys, readable by the owner only."""
        return self.data_dir / "secrets"

    @property
    def models_dir(self) -> Path:
        """Return the folder of models, each under its SHA-256."""
        return self.data_dir / "models"


def load() -> Settings:
    """Read the settings; a wrong or unknown one raises SettingsError and names itself."""
    _refuse_unknown(name for name in os.environ if name.startswith(PREFIX))
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_sentences(error))) from error


def _refuse_unknown(given: Iterable[str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields if name != "addresses"}
    known |= {f"{PREFIX}ADDRESSES__{name.upper()}" for name in Addresses.model_fields}
    for name in given:
        if name not in known:
            raise SettingsError(f"there is no setting {name}")


def _sentences(error: ValidationError) -> list[str]:
    return [
        f"{PREFIX}{'__'.join(str(part).upper() for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()
    ]
