"""Settings of what leaves the house: webhooks to offices, messages to citizens."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


def _networks(text: str) -> str:
    for part in filter(None, text.split(",")):
        ipaddress.ip_network(part)
    return text


def _link(text: str) -> str:
    if text and "{case_id}" not in text:
        raise ValueError("it has {case_id} where the id of the case stands")
    return text


class Webhooks(BaseModel):
    """How events are brought to the offices that want webhooks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed_networks: Annotated[str, AfterValidator(_networks)] = Field(
        "",
        description="networks webhooks may reach although they are not public, also without TLS,"
        " such as 10.1.0.0/16,fd00::/64",
    )
    cafile: Path | None = Field(
        None, description="certificates of receivers, beside those the system trusts"
    )
    pauses: Path | None = Field(
        None, description="file of the pauses between attempts; the bundled three days if unset"
    )
    timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="how long one attempt to deliver a webhook may take"
    )
    threads: int = Field(32, ge=1, le=512, description="most webhooks under way at once")
    per_office: int = Field(4, ge=1, le=64, description="most of them for one office")

    @property
    def networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """Return the networks named."""
        named = filter(None, self.allowed_networks.split(","))
        return tuple(ipaddress.ip_network(part) for part in named)


class Notify(BaseModel):
    """How citizens are told what becomes of their cases; without a way they are not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smtp_host: str = Field("", description="server that e-mail is handed to; none is sent if unset")
    smtp_port: int = Field(587, ge=1, le=65535, description="port of that server")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how that server is spoken to"
    )
    smtp_user: str = Field("", description="the name we sign in with there")
    smtp_password: SecretStr = Field(SecretStr(""), description="the password we sign in with")
    sender: str = Field("noreply@localhost", description="whom e-mail comes from")
    gateway_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="gateway of the state for text messages and inboxes; none if unset",
    )
    gateway_secret: SecretStr = Field(
        SecretStr(""), description="what messages to it are signed with (Standard Webhooks)"
    )
    link: Annotated[str, AfterValidator(_link)] = Field(
        "",
        description="address of a case's page for messages to name, with {case_id} in it, and"
        " {language} where it has several; our own page at the public URL if unset",
    )
    timeout_seconds: float = Field(15.0, gt=0, le=120, description="how long a message may take")
    threads: int = Field(16, ge=1, le=256, description="most messages under way at once")

    @property
    def is_wanted(self) -> bool:
        """Tell whether there is a way to tell citizens anything."""
        return bool(self.smtp_host or self.gateway_url)

    def case_link(self, public_url: str) -> str:
        """Return the address of a case's page that messages name; empty where nobody knows it."""
        own = f"{public_url}/{{language}}/cases/{{case_id}}" if public_url else ""
        return self.link or own
