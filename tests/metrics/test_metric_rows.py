"""Every metric says of a small case what is reckoned by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from metric_rows import ROWS


@pytest.mark.parametrize("name", ROWS)
def test_the_metric_is_what_is_reckoned_by_hand(name: str, tmp_path: Path) -> None:
    found, expected = ROWS[name](tmp_path)
    assert found == pytest.approx(expected) if isinstance(expected, float) else found == expected
