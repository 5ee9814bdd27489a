"""Keys and passwords of the tests: none belongs into a log, an error or a list of processes."""

_SETTINGS = {"dojo_api_key", "secret_key"}
used: set[str] = set()
"""All of this run; what is searched for at its end."""


def remember_secret(secret: str) -> str:
    used.add(secret)
    return secret


def remember_settings(settings: dict[str, str]) -> None:
    """Of a process that is started with them."""
    used.update(value for name, value in settings.items() if name in _SETTINGS)
