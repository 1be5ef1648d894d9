"""What a kernel takes can be read: its arrays come in a few named tuples."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import polytopic

PACKAGE = Path(polytopic.__file__).parent

MOST = 10
"""Parameters of a function beside hot loops. Ten can still be told apart where they are called;
among the 38 that one kernel took, two of a type could change places and nothing would show."""


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(PACKAGE.rglob("kernels/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(PACKAGE)}: {node.name}", node


def n_parameters(function: ast.FunctionDef) -> int:
    given = function.args
    n = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
    intrinsic = any("intrinsic" in ast.unparse(part) for part in function.decorator_list)
    return n - intrinsic  # numba gives an intrinsic its typing context besides


def test_kernels_take_a_few_named_tuples() -> None:
    found = dict(functions())
    assert len(found) > 100
    many = {name: n_parameters(node) for name, node in found.items()}
    assert {name: n for name, n in many.items() if n > MOST} == {}


def test_parameters_are_counted_of_every_kind() -> None:
    source = "@intrinsic\ndef f(typing, a, /, b, *, c): ...\ndef g(a, b): ..."
    counts = [n_parameters(node) for node in ast.parse(source).body]  # type: ignore[arg-type]
    assert counts == [3, 2]
