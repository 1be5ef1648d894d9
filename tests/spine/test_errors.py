"""Every kind of error and warning has a code of its own, and its section in the docs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import polytopic
from polytopic import errors

SOURCE = Path(polytopic.__file__).parent
PAGE = Path(__file__).parent.parent.parent / "docs" / "messages.md"


def kinds() -> dict[str, str]:
    """Class to code, of every class of the package that says one."""
    found = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                for row in node.body:
                    if isinstance(row, ast.AnnAssign) and ast.unparse(row.target) == "code":
                        assert isinstance(row.value, ast.Constant)
                        found[node.name] = str(row.value.value)
    return found


def test_every_kind_has_a_code_of_its_own() -> None:
    found = kinds()
    assert len(set(found.values())) == len(found)
    offered = {n for n, kind in vars(errors).items() if n[0].isupper() and isinstance(kind, type)}
    assert offered <= found.keys()
    for name, code in found.items():
        assert re.fullmatch("PT2.." if name.endswith("Warning") else "PT1..", code), name


def test_every_code_has_its_section() -> None:
    sections = re.findall(r"^## (PT\d+)\n\n`(\w+)`", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {name: code for code, name in sections} == kinds()
    assert [code for code, _ in sections] == sorted(code for code, _ in sections)


def test_an_error_knows_its_code() -> None:
    assert errors.InputTypeError("x").code == "PT102"
    assert errors.CollapseWarning("x").code == "PT201"
