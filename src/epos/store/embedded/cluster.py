"""Making the cluster: all of it or nothing, whenever we are killed."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from epos.store.embedded.accounts import listed
from epos.store.embedded.errors import EmbeddedStartFailed, EmbeddedUnavailable
from epos.store.embedded.folder import DataFolder
from epos.store.embedded.installation import Installation
from epos.store.embedded.launcher import Account, Launcher

_REMOVALS = 50  # five seconds of them
# The same order of text on every machine, whatever its locales.
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
    """The cluster of the data folder, made if there is none. For the folder's owner only."""
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
    """The child of an initdb that was killed may write into it for a moment yet."""
    for _ in range(_REMOVALS):
        shutil.rmtree(draft, ignore_errors=True)
        if not draft.exists():
            return
        time.sleep(0.1)


def _refuse_to_shadow(folder: DataFolder, cluster: Path) -> None:
    """An empty cluster beside one with data would look like the loss of that data."""
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
    # The draft is closed to all, so that the stand-in of _initialise sees it only from inside.
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


def _take_back(folder: DataFolder, cluster: Path, account: Account | None) -> None:
    """A backup that root has put back may have become root's.

    In a user's folder it is left alone: it could be a link to anything.
    """
    if account and folder.path.stat().st_uid == cluster.stat().st_uid == 0:
        _hand_over(cluster, account)


def _hand_over(tree: Path, account: Account) -> None:
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
