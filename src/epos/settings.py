"""Settings: `EPOS_*` variables, or the flags of the command line. Read by `main` and `cli` alone."""

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class LogFormat(StrEnum):
    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class TablesSearchShape(StrEnum):
    ARRAY = "array"
    PAGE = "page"


class SettingsError(Exception):
    """A setting is wrong; the message names it."""


def _postgresql(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    return url.replace("postgres://", "postgresql://", 1)


def _default_data_dir() -> Path:
    return Path("var/epos")


class Settings(BaseSettings):
    """Everything that can be set; docs/settings.md describes each for people."""

    model_config = SettingsConfigDict(env_prefix="EPOS_", extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free one; the banner says which."""
    data_dir: Path = Field(default_factory=_default_data_dir)
    """Where the embedded PostgreSQL lives."""
    database_url: Annotated[str, AfterValidator(_postgresql)] | None = None
    """An external PostgreSQL, 15 or newer; without it the embedded one is started."""
    database_pool_size: Annotated[int, Field(ge=1, le=500)] = 10
    """Connections per process."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    log_format: LogFormat = LogFormat.AUTO
    log_level: LogLevel = LogLevel.INFO
    demo: bool | None = None
    """The venue `demo` and its user demo/demo. Unset: on while bound to loopback."""
    migrate: bool = True
    """Bring the database to the newest schema before serving."""
    tables_search_shape: TablesSearchShape = TablesSearchShape.ARRAY

    @field_validator("host")
    @classmethod
    def _filled(cls, host: str) -> str:
        if not host.strip():
            raise ValueError("must not be empty")
        return host.strip()

    @model_validator(mode="after")
    def _demo_stays_home(self) -> "Settings":
        if self.demo and not self.is_loopback:
            raise ValueError(
                "EPOS_DEMO=true is refused with EPOS_HOST="
                f"{self.host}: demo/demo is a public password, so it works on loopback only"
            )
        return self

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def demo_is_on(self) -> bool:
        return self.is_loopback if self.demo is None else self.demo


def load(**flags: Any) -> Settings:
    """The settings, flags first. Raises SettingsError with every wrong one, in one line each."""
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
