"""Nothing embedded in the page can end its element; the data come back as they were."""

from __future__ import annotations

import base64
import hashlib
import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polytopic.report.assets import page_script, vega_script
from polytopic.report.embedding import content_security_policy, embed_json, embed_script

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_json_round_trip(value: object) -> None:
    text = embed_json(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


@pytest.mark.parametrize(
    "text", ["</script>", "<!--<script>", "\u2028", "]]>", "&lt;", '"onerror="', "</SCRIPT >"]
)
def test_json_survives_an_html_parser(text: str) -> None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    reader = Reader()
    reader.feed(f'<script type="application/json">{embed_json([text])}</script>')
    reader.close()
    assert json.loads("".join(found)) == [text]


def test_json_ends_no_script_and_begins_no_comment() -> None:
    text = embed_json({"</script>": ["<!--", "a & b", "x > y", "line\u2028end\u2029"]})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"</script>": ["<!--", "a & b", "x > y", "line\u2028end\u2029"]}


def test_json_refuses_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        embed_json(float("nan"))


def test_scripts_hold_nothing_that_ends_them() -> None:
    for script in (vega_script(), page_script(), "'</script>' '<!--' '</SCRIPT>'"):
        safe = embed_script(script).lower()
        assert "</script" not in safe
        assert "<!--" not in safe


def test_policy_names_the_hash_of_each_script() -> None:
    policy = content_security_policy("alert(1)", "1")
    digest = base64.b64encode(hashlib.sha256(b"alert(1)").digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy
