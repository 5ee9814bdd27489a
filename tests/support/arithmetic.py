"""The till's arithmetic, as it is or with one fault planted in a copy of it."""

import itertools
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import epos.domain

# Each after those that it imports.
MODULES = ("money", "tab", "tab_shares", "tab_refunds", "tab_sums", "tab_splits")
_FOLDER = Path(epos.domain.__path__[0])
_numbers = itertools.count(1)


class Till:
    """All that the modules of the arithmetic define, by its name."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class Fault(NamedTuple):
    """What a module of the arithmetic says, and what it might say by mistake."""

    module: str
    right: str
    wrong: str


def arithmetic(fault: Fault | None = None) -> Till:
    """A copy of the arithmetic; a fault in one module is felt in all that import it."""
    prefix = f"arithmetic_{next(_numbers)}_"
    names: dict[str, Any] = {}
    try:
        for name in MODULES:
            module = ModuleType(prefix + name)
            sys.modules[module.__name__] = module  # for those that import it
            exec(compile(_source(name, fault, prefix), f"{name}.py", "exec"), module.__dict__)
            names |= {key: value for key, value in vars(module).items() if not key.startswith("_")}
    finally:
        for name in MODULES:
            sys.modules.pop(prefix + name, None)
    return Till(names)


def _source(name: str, fault: Fault | None, prefix: str) -> str:
    source = (_FOLDER / f"{name}.py").read_text(encoding="utf-8")
    if fault is not None and fault.module == name:
        assert source.count(fault.right) == 1, f"{fault.right!r} is not what {name} says, once"
        source = source.replace(fault.right, fault.wrong)
    own = "|".join(MODULES)
    return re.sub(rf"from epos\.domain\.({own}) import", rf"from {prefix}\1 import", source)
