"""The folder of PostgreSQL's socket. Only its user can enter it, and its path must be short."""

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from epos.store.embedded.errors import EmbeddedUnavailable
from epos.store.embedded.launcher import OsUser

PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"

# macOS allows 103 bytes, Linux 107.
_LONGEST = 103
# PostgreSQL reads a list of folders here, so commas and quotes have a meaning.
_PLAIN = re.compile(r"/[\w./+-]*", re.ASCII)


def make_socket_folder(name: str, account: OsUser | None) -> Path:
    """Create the folder, or reuse that of an earlier run, in the first suitable place."""
    owner = account or OsUser(os.geteuid(), os.getegid())
    for place in _places():
        folder = place / name
        if _fits(folder) and _take(folder, owner):
            return folder
    # Another user has taken the name, perhaps to stop us.
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    if _fits(folder) and _take(folder, owner):
        return folder
    raise EmbeddedUnavailable("No folder can hold PostgreSQL's socket: set TMPDIR to one.")


def url(folder: Path, database: str) -> str:
    """The URL of a database. It names the port, because asyncpg would otherwise read PGPORT."""
    return f"postgresql://postgres@/{database}?host={quote(str(folder))}&port={PORT}"


def remove_socket_folder(folder: Path) -> None:
    """Remove the folder when PostgreSQL has ended."""
    with suppress(OSError):
        clear_sockets(folder)
        folder.rmdir()


def clear_sockets(folder: Path) -> None:
    """Remove the sockets of a killed PostgreSQL. A new one would trust the pid in the lock file."""
    for name in (SOCKET, f"{SOCKET}.lock"):
        (folder / name).unlink(missing_ok=True)


def _places() -> Iterator[Path]:
    # The user that PostgreSQL runs as cannot enter the runtime folder of root.
    if os.geteuid() == 0:
        yield Path("/run")
    elif runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(runtime)
    yield Path(tempfile.gettempdir())
    yield Path("/tmp")  # noqa: S108 - the folder made in it is checked and closed


def _fits(folder: Path) -> bool:
    return bool(_PLAIN.fullmatch(str(folder))) and len(str(folder / SOCKET)) <= _LONGEST


def _take(folder: Path, owner: OsUser) -> bool:
    """Create the folder if it is missing. False unless it belongs to the owner and is closed to others."""
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return _is_private(fd, owner)
    finally:
        os.close(fd)


def _is_private(fd: int, owner: OsUser) -> bool:
    found = os.fstat(fd)
    if stat.S_IMODE(found.st_mode) & 0o077:
        return False
    if found.st_uid == os.geteuid() != owner.uid:
        os.fchown(fd, owner.uid, owner.gid)
        return True
    return found.st_uid == owner.uid
