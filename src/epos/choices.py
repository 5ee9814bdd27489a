"""The values of the settings that are one of a few. Standard library only: the command line shows them."""

from enum import StrEnum


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


class DojoTransport(StrEnum):
    WEBSOCKET = "websocket"
    REST = "rest"
    OFF = "off"
