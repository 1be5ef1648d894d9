"""Names that are filled in from above: each is bound, to something of the same signature."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import polytopic
from polytopic import late, simplex

SOURCE = Path(polytopic.__file__).parent
BOUND = late._PLACES


def offered() -> set[str]:
    """Whole paths of the functions and methods that stand under ``@late``."""
    found = set()
    for file in SOURCE.rglob("*.py"):
        module = ".".join(file.relative_to(SOURCE.parent).with_suffix("").parts)
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for holder in ast.walk(tree):
            prefix = f"{holder.name}." if isinstance(holder, ast.ClassDef) else ""
            for child in ast.iter_child_nodes(holder):
                if isinstance(child, ast.FunctionDef) and "late" in map(
                    ast.unparse, child.decorator_list
                ):
                    found.add(f"{module}.{prefix}{child.name}")
    return found


def test_each_late_name_is_bound_and_each_binding_is_of_one() -> None:
    of_simplex = {f"polytopic.simplex.{n}" for n in set(simplex.__all__) - set(vars(simplex))}
    assert len(of_simplex) >= 3
    assert offered() | of_simplex == set(BOUND)


@pytest.mark.parametrize("name", sorted(offered()))
def test_what_is_bound_has_the_signature_that_is_offered(name: str) -> None:
    module, _, path = name.rpartition(".")
    if module.rpartition(".")[2][0].isupper():  # a method
        module, _, kind = module.rpartition(".")
        function = getattr(getattr(importlib.import_module(module), kind), path)
    else:
        function = getattr(importlib.import_module(module), path)
    one, other = (
        [(p.name, p.kind, p.default) for p in inspect.signature(f).parameters.values()]
        for f in (function, late.bound(name))
    )
    assert one[1:] == other[1:]  # a method's self is the function's first


def test_names_of_simplex_are_those_of_the_topic_models() -> None:
    from polytopic.topics.from_vectors import priors, vectors

    assert simplex.from_vectors is vectors.from_vectors
    assert simplex.prior is priors.prior and simplex.check_prior is priors.check_prior
    with pytest.raises(AttributeError, match="no attribute 'softmin'"):
        simplex.softmin  # noqa: B018
