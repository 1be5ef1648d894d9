"""A number that decides something stands under a name, with what it is for beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import polytopic

PACKAGE = Path(polytopic.__file__).parent

ITS_OWN_VALUE = re.compile(r"_?(ZERO|HALF|ONE|TWO|\d+)")
"""Names of numbers that kernels need in a type of their own: the name says all there is."""

WRAPPERS = {"float", "int", "float32", "float64", "int64", "uint32", "uint64"}

Assignment = ast.Assign | ast.AnnAssign


def is_number(value: ast.expr | None) -> bool:
    """A number, a tuple of numbers, or something reckoned from numbers and names alone."""
    match value:
        case ast.Constant():
            return isinstance(value.value, int | float) and not isinstance(value.value, bool)
        case ast.UnaryOp():
            return is_number(value.operand)
        case ast.Tuple():
            return bool(value.elts) and all(map(is_number, value.elts))
        case ast.IfExp():
            return is_number(value.body) and is_number(value.orelse)
        case ast.BinOp():
            sides = value.left, value.right
            plain = all(is_number(side) or isinstance(side, ast.Name) for side in sides)
            return plain and any(map(is_number, sides))
        case ast.Call():
            wrapper = ast.unparse(value.func).split(".")[-1]
            return wrapper in WRAPPERS and bool(value.args) and all(map(is_number, value.args))
    return False


def names_of(node: Assignment) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [
        part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
    ]


def explained(body: list[ast.stmt], place: int, lines: list[str]) -> bool:
    """Whether a docstring follows, or a comment stands by it.

    Assignments on consecutive lines are a family: one docstring after them, or one comment before
    them, speaks for all.
    """
    first = last = place
    while last + 1 < len(body) and together(body[last], body[last + 1]):
        last += 1
    while first > 0 and together(body[first - 1], body[first]):
        first -= 1
    follows = body[last + 1] if last + 1 < len(body) else None
    if isinstance(follows, ast.Expr) and isinstance(follows.value, ast.Constant):
        return isinstance(follows.value.value, str)
    node = body[place]
    beside = lines[node.lineno - 1 : node.end_lineno]
    if any("  # " in line and "fmt:" not in line for line in beside):
        return True
    return lines[body[first].lineno - 2].strip().startswith("# ")


def together(node: ast.stmt, following: ast.stmt) -> bool:
    both = isinstance(node, Assignment) and isinstance(following, Assignment)
    return both and following.lineno == (node.end_lineno or 0) + 1


def bare(source: str) -> Iterator[str]:
    """Numbers at the level of a module, or of a class, of which nothing says what they are for.

    A field of a class may be explained in the class's docstring; one that begins at zero counts.
    """
    lines, tree = source.splitlines(), ast.parse(source)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for owner in (tree, *classes):
        said = ast.get_docstring(owner) or "" if isinstance(owner, ast.ClassDef) else ""
        for place, node in enumerate(owner.body):
            if not isinstance(node, Assignment) or not is_number(node.value):
                continue
            names = names_of(node)
            if isinstance(owner, ast.ClassDef) and ast.unparse(node).endswith(("= 0", "= 0.0")):
                continue
            if all(ITS_OWN_VALUE.fullmatch(name) for name in names):
                continue
            told = any(re.search(rf"\b{name}\b", said) for name in names)
            if not (told or explained(owner.body, place, lines)):
                yield f"{names[0]} in line {node.lineno}"


def test_every_number_says_what_it_is_for() -> None:
    found = {
        str(path.relative_to(PACKAGE)): [*bare(path.read_text(encoding="utf-8"))]
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    assert len(found) > 200
    assert {path: numbers for path, numbers in found.items() if numbers} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("A = 3\n", ["A in line 1"]),
        ('A = 3\n"""Why."""\n', []),
        ("A = 3  # why\n", []),
        ("# why\nA = 3\nB = 4\n", []),
        ('A = 1 << 20\nB, C = 2, -1.5\n"""Why."""\n', []),
        ('A = 3\n\nB = 4\n"""Why."""\n', ["A in line 1"]),
        ("_ONE = np.float32(1.0)\n_32 = np.uint64(32)\n", []),
        ("_LOW = np.uint64(1)\nA = 3 if B else 2\n", ["_LOW in line 1", "A in line 2"]),
        ('A = "3"\nB = f(3)\nC = True\n', []),
        ("class C:\n    rate: float = 0.1\n    seen: int = 0\n", ["rate in line 2"]),
        ('class C:\n    """``rate``: of the steps."""\n\n    rate: float = 0.1\n', []),
    ],
)
def test_what_counts_as_said(source: str, names: list[str]) -> None:
    assert [*bare(source)] == names
