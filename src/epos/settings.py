"""Settings: `EPOS_*` variables, or the flags of the command line.

Only `main`, `dojo_settings`, `serving` and the command line read them.
"""

import base64
import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from epos.choices import DojoTransport, LogFormat, LogLevel, TablesSearchShape


class SettingsError(Exception):
    """Settings are wrong. The message names each, one line each."""


def _postgresql(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2].split(",")
    ports = [host.rpartition("]")[2].partition(":")[2] for host in hosts]
    options = parts.query.split("&") if parts.query else []
    if any(port and not port.isdecimal() for port in ports) or any("=" not in o for o in options):
        # The driver would refuse it too, but quote a part of the password.
        raise ValueError("is not a URL; quote / ? # and @ in the password")
    return url.replace("postgres://", "postgresql://", 1)


def _starting_with(*schemes: str) -> Callable[[str], str]:
    def check(url: str) -> str:
        if not url.startswith(schemes):
            raise ValueError(f"must start with {' or '.join(schemes)}")
        return url.rstrip("/")

    return check


def _fit_for_a_header(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise ValueError("must be printable ASCII without spaces")
    return text


def _secret_fit_for_a_header(secret: SecretStr) -> SecretStr:
    _fit_for_a_header(secret.get_secret_value())
    return secret


def _parts(text: str) -> list[str]:
    """The parts of a list with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _origins(text: str) -> str:
    for origin in _parts(text):
        if not re.fullmatch(r"https?://[^/?#@*\s]+", origin):
            raise ValueError("must be origins such as https://till.example, separated by commas")
    return text.lower()


def _host_names(text: str) -> str:
    for name in _parts(text):
        if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]|\*", name):
            raise ValueError("must be names without port, separated by commas, or * for any")
    return text.lower()


def _fernet_keys(secret: SecretStr) -> SecretStr:
    for key in secret.get_secret_value().split(","):
        try:
            fits = len(base64.urlsafe_b64decode(key.strip())) == 32
        except ValueError:
            fits = False
        if not fits:
            raise ValueError("must be a key as `epos dojo new-secret-key` prints it, or several")
    return secret


_HttpUrl = Annotated[str, AfterValidator(_starting_with("https://", "http://"))]
_WebSocketUrl = Annotated[str, AfterValidator(_starting_with("wss://", "ws://"))]
_Origins = Annotated[str, AfterValidator(_origins)]
_HostNames = Annotated[str, AfterValidator(_host_names)]
_HeaderText = Annotated[str, AfterValidator(_fit_for_a_header)]


def _default_data_dir() -> Path:
    return Path("var/epos")


class Settings(BaseSettings):
    """All settings. docs/settings.md describes each of them."""

    model_config = SettingsConfigDict(env_prefix="EPOS_", extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free port; the banner shows it."""
    data_dir: Path = Field(default_factory=_default_data_dir)
    """The folder of the embedded PostgreSQL."""
    database_url: Annotated[str, AfterValidator(_postgresql)] | None = None
    """An external PostgreSQL, 15 or newer. Without it, the embedded one is started."""
    notify_database_url: Annotated[str, AfterValidator(_postgresql)] | None = None
    """Where wake-ups and leases go, if not to `database_url`: one node, the same for all processes."""
    database_pool_size: Annotated[int, Field(ge=1, le=500)] = 14
    """Connections per process for writes, and as many for reads."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    log_format: LogFormat = LogFormat.AUTO
    log_level: LogLevel = LogLevel.INFO
    demo: bool | None = None
    """Make the venue `demo` and its user demo/demo. Unset: only if the host is loopback."""
    migrate: bool = True
    """Migrate the database to the newest schema before serving."""
    docs: bool = True
    """Serve the documentation pages and the OpenAPI documents."""
    allowed_hosts: _HostNames | None = None
    """Names in Host, besides loopback names. Unset: any, or none while bound to loopback."""
    allowed_origins: _Origins | None = None
    """Web pages of other origins that may use the server: browser tills."""
    testing: bool = False
    """Serve the control API for integration tests under /test/v1."""
    testing_password: SecretStr | None = None
    """The password of its user `testing`. Unset: `epos serve` makes one and prints it."""
    tables_search_shape: TablesSearchShape = TablesSearchShape.ARRAY
    dojo_transport: DojoTransport = DojoTransport.OFF
    """How Dojo reaches this server: over a WebSocket that we open, or at our public URL (rest)."""
    dojo_venue: str = "demo"
    """The venue that the other EPOS_DOJO_ settings connect."""
    dojo_api_key: Annotated[SecretStr, AfterValidator(_secret_fit_for_a_header)] | None = None
    dojo_software_house_id: _HeaderText | None = None
    dojo_reseller_id: _HeaderText | None = None
    dojo_api_url: _HttpUrl = "https://api.dojo.tech"
    dojo_ws_url: _WebSocketUrl = "wss://eu.ws.dojo.tech/epos"
    public_url: _HttpUrl | None = None
    """The URL at which Dojo reaches this server. The transport rest registers it."""
    dojo_verify_payments: bool = False
    """Check each payment with Dojo before it is recorded."""
    secret_key: Annotated[SecretStr, AfterValidator(_fernet_keys)] | None = None
    """Encrypts the API keys in the database. Several keys, separated by commas, allow a change of key."""

    @field_validator("host")
    @classmethod
    def _filled(cls, host: str) -> str:
        if not host.strip():
            raise ValueError("must not be empty")
        return host.strip()

    @model_validator(mode="after")
    def _demo_needs_loopback(self) -> "Settings":
        if self.demo and not self.is_loopback:
            raise ValueError(
                "EPOS_DEMO=true is refused with EPOS_HOST="
                f"{self.host}: demo/demo is a public password, so it works on loopback only"
            )
        return self

    @model_validator(mode="after")
    def _testing_is_one_process(self) -> "Settings":
        if self.testing and self.workers > 1:
            raise ValueError(
                "EPOS_TESTING=true needs EPOS_WORKERS=1: journal and faults are in one process's memory"
            )
        return self

    @model_validator(mode="after")
    def _dojo_is_complete(self) -> "Settings":
        missing = [f"EPOS_{name.upper()}" for name in self._needed if getattr(self, name) is None]
        if missing:
            raise ValueError(
                f"EPOS_DOJO_TRANSPORT={self.dojo_transport} needs {' and '.join(missing)}"
            )
        if self.dojo_verify_payments and self.dojo_transport is DojoTransport.OFF:
            raise ValueError(
                "EPOS_DOJO_VERIFY_PAYMENTS needs EPOS_DOJO_TRANSPORT: rest or websocket"
            )
        return self

    @property
    def _needed(self) -> tuple[str, ...]:
        always = ("dojo_api_key", "dojo_software_house_id")
        return {
            DojoTransport.OFF: (),
            DojoTransport.WEBSOCKET: always,
            DojoTransport.REST: (*always, "public_url"),
        }[self.dojo_transport]

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def origins(self) -> list[str]:
        return _parts(self.allowed_origins or "")

    @property
    def host_names(self) -> list[str]:
        """Names in Host that are answered besides loopback names. Dojo calls the public URL."""
        names = _parts(self.allowed_hosts or "")
        public = urlsplit(self.public_url or "").hostname
        if public is None:
            return names
        return [*names, f"[{public}]" if ":" in public else public]

    @property
    def answers_any_host(self) -> bool:
        """Without the demo a name that was rebound to this address brings no secret."""
        if self.allowed_hosts is None:
            return not self.is_loopback
        return "*" in self.host_names

    @property
    def demo_is_on(self) -> bool:
        return self.is_loopback if self.demo is None else self.demo


def load(**flags: Any) -> Settings:
    """Read the settings; flags win. Raises SettingsError, which names every wrong setting."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [_line(details) for details in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines)) from None


def _line(details: Any) -> str:
    message = str(details["msg"]).removeprefix("Value error, ")
    if not details["loc"]:
        return message
    name = str(details["loc"][0]).upper()
    return f"EPOS_{name}: {message[0].lower()}{message[1:]}"
