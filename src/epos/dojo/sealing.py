"""Encrypt the API keys that are stored in the database (Fernet: AES and an HMAC)."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from epos.domain.errors import Conflict


class Sealer:
    """Encrypts with the first of `secret_keys`, and decrypts with any of them."""

    def __init__(self, secret_keys: str | None) -> None:
        keys = [Fernet(key.strip()) for key in (secret_keys or "").split(",") if key.strip()]
        self._fernet = MultiFernet(keys) if keys else None

    def seal(self, text: str) -> str:
        """Raises Conflict when there is no secret key."""
        if self._fernet is None:
            raise Conflict(
                f"EPOS_SECRET_KEY is not set; you can use this new one: {new_secret_key()}"
            )
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises Conflict when it was encrypted with another key."""
        if self._fernet is None:
            raise Conflict(
                "EPOS_SECRET_KEY is not set, but a venue's API key was encrypted with it"
            )
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Conflict("a venue's API key was encrypted with another EPOS_SECRET_KEY") from None


def new_secret_key() -> str:
    return Fernet.generate_key().decode()
