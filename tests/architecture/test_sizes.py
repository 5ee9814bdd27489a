"""The house sizes: small enough to read at once (CONTRIBUTING.md)."""

import ast
from pathlib import Path

from tests.architecture.source_tree import PACKAGE, functions, modules

LONGEST_MODULE = 500
LONGEST_FUNCTION = 50
USUAL_FUNCTION = 30  # nine in ten are no longer


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def too_long(paths: list[Path], limit: int) -> list[str]:
    return [
        f"{path.relative_to(PACKAGE)}:{function.lineno} {function.name} ({lines(function)} lines)"
        for path in paths
        for function in functions(path)
        if lines(function) > limit
    ]


def test_no_module_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert not [
        f"{path.relative_to(PACKAGE)} ({length} lines)"
        for path, length in lengths.items()
        if length > LONGEST_MODULE
    ]


def test_no_function_is_too_long() -> None:
    assert not too_long(modules(), LONGEST_FUNCTION)


def test_nine_functions_in_ten_are_short() -> None:
    count = sum(1 for path in modules() for _ in functions(path))
    longer = too_long(modules(), USUAL_FUNCTION)
    assert len(longer) <= count / 10, longer
