"""Create the cluster completely or not at all, even if we are killed."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from epos.store.embedded.accounts import listed
from epos.store.embedded.errors import EmbeddedStartFailed, EmbeddedUnavailable
from epos.store.embedded.folder import DataFolder
from epos.store.embedded.installation import Installation
from epos.store.embedded.launcher import Launcher, OsUser

_REMOVALS = 50  # five seconds of them
# Sort text in the same order on every machine, whatever its locales.
_OPTIONS = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
]


def ensure_cluster(folder: DataFolder, launcher: Launcher, installation: Installation) -> Path:
    """Return the cluster of the data folder; create it if there is none. For the folder's owner only."""
    cluster = folder.cluster(installation.major)
    for draft in folder.path.glob(".pgdata-*.new-*"):
        _remove(draft)
    if (cluster / "PG_VERSION").exists():
        _take_back(folder, cluster, launcher.account)
        return cluster
    _refuse_to_shadow(folder, cluster)
    _create(folder, cluster, launcher, installation)
    return cluster


def _remove(draft: Path) -> None:
    """Remove a draft. If initdb was killed, its child may still write into it for a moment: try again."""
    for _ in range(_REMOVALS):
        shutil.rmtree(draft, ignore_errors=True)
        if not draft.exists():
            return
        time.sleep(0.1)


def _refuse_to_shadow(folder: DataFolder, cluster: Path) -> None:
    """Refuse a new cluster beside an existing one: an empty database would look like lost data."""
    if cluster.exists() and any(cluster.iterdir()):
        raise EmbeddedStartFailed(folder.path, f"{cluster} is not a PostgreSQL cluster.")
    for other in folder.path.glob("pgdata-*/PG_VERSION"):
        raise EmbeddedStartFailed(
            folder.path,
            f"{other.parent.name} is of another major version; dump it with that version "
            f"and restore it into {cluster.name}.",
        )


def _create(
    folder: DataFolder, cluster: Path, launcher: Launcher, installation: Installation
) -> None:
    # No other user can enter the draft: the account that _initialise borrows only works inside it.
    draft = Path(tempfile.mkdtemp(prefix=f".{cluster.name}.new-", dir=folder.path))
    try:
        made = draft / cluster.name
        made.mkdir(mode=0o700)
        _initialise(made, launcher, installation)
        if cluster.exists():
            cluster.rmdir()
        made.rename(cluster)
        _sync(cluster.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _initialise(made: Path, launcher: Launcher, installation: Installation) -> None:
    account = launcher.account
    maker = Launcher(listed(account), launcher.reading) if account else launcher
    if maker.account:
        os.chown(made, maker.account.uid, maker.account.gid, follow_symlinks=False)
    initdb = [installation.program("initdb"), "-D", maker.data_argument(made), *_OPTIONS]
    result = maker.run(initdb, made)
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or ["no reason given"]
        reason = next((line for line in lines if "error:" in line or "FATAL:" in line), lines[-1])
        raise EmbeddedUnavailable(f"PostgreSQL's initdb failed: {reason}.")
    if account and account != maker.account:
        _hand_over(made, account)


def _take_back(folder: DataFolder, cluster: Path, account: OsUser | None) -> None:
    """Give the cluster back to its account: root owns it if root has restored a backup.

    In the folder of another user nothing is changed: the cluster could be a link to anything.
    """
    if account and folder.path.stat().st_uid == cluster.stat().st_uid == 0:
        _hand_over(cluster, account)


def _hand_over(tree: Path, account: OsUser) -> None:
    for _, folders, files, fd in os.fwalk(tree):
        for name in [*folders, *files]:
            os.chown(name, account.uid, account.gid, dir_fd=fd, follow_symlinks=False)
    os.chown(tree, account.uid, account.gid, follow_symlinks=False)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
