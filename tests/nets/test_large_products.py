"""Large products by either library of torch's, in every layout, with their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from polytopic.nets import products
from polytopic.nets.products import product

LARGE, SMALL = (64, 300, 120), (3, 5, 4)


@pytest.fixture(params=["as it is", "without oneDNN", "oneDNN"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each library whatever the processor; oneDNN is not left out where torch has it."""
    if request.param == "without oneDNN":
        monkeypatch.setattr(products, "_linear", lambda: None)
    if request.param == "oneDNN":
        if not torch.backends.mkldnn.is_available():
            pytest.skip("torch was built without oneDNN")
        monkeypatch.setattr(products, "_capability", lambda: products._WIDE)
    products_cache()
    yield request.param
    products_cache()


def products_cache() -> None:
    cached: Any = getattr(products._linear, "cache_clear", None)
    if cached is not None:
        cached()


def matrices(shape: tuple[int, int, int], turned: tuple[bool, bool]) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    m, n, p = shape
    sizes = ((m, n), (n, p))
    found = []
    for (rows, columns), other in zip(sizes, turned, strict=True):
        drawn = torch.randn(*((columns, rows) if other else (rows, columns)), generator=generator)
        found.append(drawn.t() if other else drawn)
    return found[0], found[1]


@pytest.mark.parametrize("turned", [(a, b) for a in (False, True) for b in (False, True)])
@pytest.mark.parametrize("shape", [LARGE, SMALL, (300, 64, 120), (16, 9000, 16)])
def test_the_product_is_that_of_doubles(
    shape: tuple[int, int, int], turned: tuple[bool, bool], library: str
) -> None:
    left, right = matrices(shape, turned)
    exact = left.double() @ right.double()
    bound = 2e-6 * (left.double().abs() @ right.double().abs())
    found = product(left, right)
    assert found.dtype == torch.float32 and found.shape == exact.shape
    assert bool(((found.double() - exact).abs() <= bound).all())
    assert torch.equal(found, product(left, right))  # the same bits again


@pytest.mark.parametrize("wanted", [(True, True), (True, False), (False, True)])
def test_gradients_are_those_of_torch(wanted: tuple[bool, bool], library: str) -> None:
    left, right = matrices(LARGE, (False, True))
    weights = torch.randn(LARGE[0], LARGE[2], generator=torch.Generator().manual_seed(2))
    slopes = []
    for multiply in (product, torch.matmul):
        own = [t.clone().requires_grad_(w) for t, w in zip((left, right), wanted, strict=True)]
        (multiply(*own) * weights).sum().backward()  # type: ignore[no-untyped-call, operator]
        slopes.append([t.grad for t in own])
    for one, other in zip(*slopes, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_doubles_and_small_products_are_torchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_linear", lambda: pytest.fail("oneDNN was asked"))
    left, right = matrices(SMALL, (False, False))
    assert torch.equal(product(left, right), left @ right)
    left, right = (t.double() for t in matrices(LARGE, (False, False)))
    assert torch.equal(product(left, right), left @ right)


def test_where_products_can_be_put_there_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_linear", lambda: None)
    left, right = matrices(LARGE, (False, False))
    room = torch.empty(LARGE[0], LARGE[2])
    assert product(left, right, out=room) is room
    assert torch.equal(room, left @ right)


@pytest.mark.parametrize("kind", ["no instructions", "no operation", "another operation"])
def test_what_torch_does_not_have_is_done_without(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> Tensor:
        raise AttributeError("'_OpNamespace' 'mkldnn' object has no attribute")

    wide = "AVX2" if kind == "no instructions" else products._WIDE
    monkeypatch.setattr(products, "_capability", lambda: wide)
    if kind != "no instructions":
        wrong = failing if kind == "no operation" else lambda left, turned: left @ left.t()
        monkeypatch.setattr(products, "_by_rows", wrong)
    products_cache()
    try:
        assert products._linear() is None
        left, right = matrices(LARGE, (True, False))
        assert torch.equal(product(left, right), left @ right)
    finally:
        products_cache()
