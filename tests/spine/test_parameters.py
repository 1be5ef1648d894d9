"""One declaration gives the constructor, the check, what is listed, and the documentation."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any, ClassVar

import numpy as np
import pytest

import polytopic as pt
from polytopic import registry
from polytopic.base import Estimator
from polytopic.errors import InputError
from polytopic.parameters import Choice, Integer, Real, attribute, parameter


class Base(Estimator):
    """A base, in one sentence.

    Attributes
    ----------
    found_ : int
    """

    size: int = parameter(Integer(2), "How many.", default=5)
    rate: float | None = parameter(Real(0), "How fast.", default=None)
    kind: str = parameter(Choice(("a", "b")), "Which.", default="a")

    found_: int = attribute()
    _state: Any = attribute(default=None)

    def check(self) -> None:
        self.check_parameters()


class Derived(Base):
    """A subclass."""

    _left_out: ClassVar[tuple[str, ...]] = ("rate",)

    size: int = parameter(default=7)
    own: bool = parameter(Choice((False, True)), "Its own.", default=True)


def test_the_constructor_takes_what_is_declared() -> None:
    signature = inspect.signature(Derived)
    assert list(signature.parameters) == [
        "size",
        "own",
        "kind",
        "n_threads",
        "random_state",
        "trackers",
        "verbose",
    ]
    assert all(p.kind is p.KEYWORD_ONLY for p in signature.parameters.values())
    assert (Derived().size, Derived(size=3).size, Derived().own) == (7, 3, True)
    with pytest.raises(TypeError, match=r"Derived.__init__\(\) got an unexpected .*'rate'"):
        Derived(rate=1.0)
    with pytest.raises(TypeError, match="positional"):
        Derived(3)  # type: ignore[misc]


def test_get_params_lists_them_and_set_params_knows_them() -> None:
    model = Derived(kind="b")
    assert model.get_params() == {
        "kind": "b", "n_threads": None, "own": True, "random_state": None, "size": 7,
        "trackers": None, "verbose": False,
    }  # fmt: skip
    assert model.set_params(size=9).size == 9
    with pytest.raises(InputError, match="rate: is no parameter of Derived"):
        model.set_params(rate=1)
    assert repr(model) == "Derived(kind='b', size=9)"


def test_the_check_is_the_declared_one_inherited_too() -> None:
    Derived(size=2).check()
    with pytest.raises(InputError, match="size: 1 cannot be used by Derived. It must be an int"):
        Derived(size=1).check()
    with pytest.raises(InputError, match="kind: 'c' .* one of 'a', 'b'"):
        Derived(kind="c").check()


def test_what_is_left_out_keeps_its_default_as_an_attribute() -> None:
    assert Derived().rate is None
    assert "rate" not in vars(Derived())


def test_attributes_are_no_parameters() -> None:
    assert not hasattr(Base(), "found_")
    assert Base()._state is None
    assert "found_" not in inspect.signature(Base).parameters


def test_the_docstring_tells_them_before_the_other_sections() -> None:
    text = inspect.getdoc(Base)
    assert text is not None
    start, end = text.index("Parameters\n---"), text.index("Attributes\n---")
    assert text.startswith("A base, in one sentence.")
    assert start < end
    section = text[start:end]
    assert "size : int, default 5\n    How many." in section
    assert "rate : float, optional\n    How fast." in section
    assert 'kind : {"a", "b"}, default \'a\'\n    Which.' in section
    derived = str(inspect.getdoc(Derived))
    assert "size : int, default 7\n    How many." in derived
    assert "\nrate :" not in derived


def test_a_default_is_not_shared_between_constraint_and_instance() -> None:
    first, second = Base(), Base()
    first.size = 11
    assert second.size == 5


@pytest.mark.parametrize("entry", registry.MODELS, ids=lambda entry: entry.name)
def test_every_model_documents_every_parameter(entry: registry.Entry) -> None:
    if entry.extra is not None:
        pytest.importorskip(entry.extra)
    kind = registry.load_class(entry)
    for name, declared in kind._parameters.items():
        assert declared.text.endswith("."), f"{name} has no text"
        assert f"\n{name} : " in str(inspect.getdoc(kind))
        accepts = declared.accepts
        assert accepts is None or accepts.accepts(declared.default), f"{name}'s default is refused"


def test_models_are_copied_and_pickled_with_their_parameters() -> None:
    model = pt.LDA(n_topics=3, alpha=np.array([1.0, 2.0, 3.0]), random_state=1)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert other.get_params().keys() == model.get_params().keys()
        assert np.array_equal(other.alpha, model.alpha)
