"""Runs the Dockerfile's steps without a container engine, then its command and its health check.

A stage starts from an overlay over this machine's own root, so that whatever a step writes goes to
memory and vanishes; the base image's Python is stood in for by this machine's. The build context
is what .dockerignore lets through. What this cannot show is the base image itself.

Needs root, and a mount namespace of its own: unshare --mount --propagation private python3 FILE
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

PYTHON = "/usr/bin/python3"  # readable by every user
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
# The network of this machine: how its Python reaches packages.
PASSED_ON = re.compile(r"(?i)(pip|ssl|https?_proxy|no_proxy)")
READY_WITHIN = 30


@dataclass
class Stage:
    root: Path
    folder: Path = Path("/")
    user: str = "0"
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})

    def command(self, line: str) -> list[str]:
        inside = f"cd {shlex.quote(str(self.folder))} && {line}"
        user = f"--userspec={self.user}:{self.user}"
        return ["chroot", user, str(self.root), "/bin/sh", "-c", inside]

    def variables(self) -> dict[str, str]:
        passed = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
        return {**passed, "HOME": self.home(), **self.environment}

    def home(self) -> str:
        users = [line.split(":") for line in self.path("/etc/passwd").read_text().splitlines()]
        return next((user[5] for user in users if user[2] == self.user), "/")

    def path(self, inside: str) -> Path:
        return self.root / (self.folder / inside).relative_to("/")


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    lines = dockerfile.read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", text)
    split = (line.partition(" ") for line in joined.splitlines())
    return [(word, rest) for word, _, rest in split if word]


def lets_through(patterns: list[str], path: Path) -> bool:
    """The last pattern that matches a file or a folder above it decides, as with Docker."""
    kept = True
    names = [path.as_posix(), *(parent.as_posix() for parent in path.parents if parent.name)]
    for pattern in patterns:
        plain = pattern.removeprefix("!").removeprefix("**/")
        whole = "**/" not in pattern
        if any(fnmatch.fnmatch(name if whole else Path(name).name, plain) for name in names):
            kept = pattern.startswith("!")
    return kept


def build_context(source: Path, target: Path) -> None:
    lines = (source / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file() and lets_through(patterns, Path(name)):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def new_stage(base: Path) -> Stage:
    for name in ("root", "upper", "work"):
        (base / name).mkdir(parents=True)
    options = f"lowerdir=/,upperdir={base}/upper,workdir={base}/work"
    mount("-t", "overlay", "overlay", "-o", options, base / "root")
    for name in ("proc", "dev"):
        mount("--rbind", f"/{name}", base / "root" / name)
    stage = Stage(base / "root")
    local = stage.path("/usr/local/bin/python")
    local.unlink(missing_ok=True)
    local.symlink_to(PYTHON)
    return stage


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


class Builder:
    """One method for each instruction that the Dockerfile uses."""

    def __init__(self, context: Path, base: Path) -> None:
        self.context = context
        self.base = base
        self.stages: dict[str, Stage] = {}
        self.stage = Stage(base)
        self.kept: dict[str, str] = {}

    def build(self, dockerfile: Path) -> None:
        for word, rest in instructions(dockerfile):
            print(f"{word} {rest}", flush=True)
            step = getattr(self, f"do_{word.lower()}", None)
            if step is None:
                sys.exit(f"{word}: not known here; teach {__file__}")
            step(rest)

    def do_from(self, rest: str) -> None:
        self.stage = new_stage(self.base / str(len(self.stages)))
        self.stages[rest.rpartition(" AS ")[2]] = self.stage
        self.kept = {}

    def do_workdir(self, rest: str) -> None:
        self.stage.folder = Path(rest)
        self.stage.path(".").mkdir(parents=True, exist_ok=True)

    def do_copy(self, rest: str) -> None:
        words = shlex.split(rest)
        start = self.context
        if words[0].startswith("--from="):
            start = self.stages[words.pop(0).removeprefix("--from=")].root
        *sources, target = words
        for source in (start / name.lstrip("/") for name in sources):
            into = self.stage.path(target)
            if source.is_dir():
                shutil.copytree(source, into, symlinks=True, dirs_exist_ok=True)
                continue
            into = into / source.name if target.endswith("/") else into
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, into)

    def do_run(self, rest: str) -> None:
        subprocess.run(self.stage.command(rest), env=self.stage.variables(), check=True)

    def do_env(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        path = self.stage.environment["PATH"]
        self.stage.environment[name] = value.replace("$PATH", path)

    def do_user(self, rest: str) -> None:
        self.stage.user = rest

    def do_expose(self, rest: str) -> None:
        """Says something to people only."""

    def do_cmd(self, rest: str) -> None:
        self.kept["command"] = shlex.join(json.loads(rest))

    def do_healthcheck(self, rest: str) -> None:
        self.kept["health"] = shlex.join(json.loads(rest.partition("CMD")[2]))


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def run_image(stage: Stage, kept: dict[str, str]) -> None:
    """Migrate, serve, wait until healthy, stop: what docker-compose.yml asks of the image."""
    stage.folder = Path("/")
    own = {"EPOS_DATABASE_URL": os.environ["EPOS_DATABASE_URL"], "EPOS_PORT": free_port()}
    variables = {"HOME": stage.home(), **stage.environment, **own}
    subprocess.run(stage.command("epos migrate"), env=variables, check=True)
    variables["EPOS_MIGRATE"] = "false"
    server = subprocess.Popen(stage.command("exec " + kept["command"]), env=variables)
    try:
        wait_until_healthy(server, stage.command(kept["health"]), variables)
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=READY_WITHIN)
    if code not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
        sys.exit(f"the server ended with {code} on SIGTERM")


def wait_until_healthy(
    server: subprocess.Popen[bytes], check: list[str], variables: dict[str, str]
) -> None:
    end = time.monotonic() + READY_WITHIN
    while subprocess.run(check, env=variables, check=False, capture_output=True).returncode:
        if server.poll() is not None or time.monotonic() > end:
            sys.exit("the server did not become healthy")
        time.sleep(0.5)
    print("healthy", flush=True)


def main() -> None:
    source = Path(__file__).resolve().parent.parent
    base = Path(tempfile.mkdtemp())
    mount("-t", "tmpfs", "tmpfs", base)
    try:
        context = base / "context"
        build_context(source, context)
        builder = Builder(context, base)
        builder.build(source / "Dockerfile")
        run_image(builder.stage, builder.kept)
    finally:
        subprocess.run(["umount", "--recursive", "--lazy", str(base)], check=False)
        base.rmdir()


if __name__ == "__main__":
    main()
