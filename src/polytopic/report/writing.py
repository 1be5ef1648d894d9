"""A figure as a file: a page that works offline, a PNG or an SVG."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from polytopic.errors import FileMissingError, InputError
from polytopic.extras import require
from polytopic.io import replacing
from polytopic.report.assets import vega_script
from polytopic.report.embedding import content_security_policy, embed_json, embed_script

__all__ = ["write_figure"]

_PIXELS = 2.0
"""A PNG has two pixels a point: sharp on screens of double density and in print."""


def write_figure(spec: dict[str, Any], path: str | Path, title: str) -> Path:
    """Write a Vega-Lite spec: .html (one page that works offline), .png or .svg.

    Raises
    ------
    InputError, FileMissingError
        If the name ends otherwise, the folder is missing, or the file cannot be written.
    MissingExtraError
        For .png and .svg without vl-convert.
    """
    target = Path(path)
    if target.suffix not in (".html", ".png", ".svg") or target.is_dir():
        raise InputError(f"{target}: cannot be written. Give a name in .html, .png or .svg.")
    if not target.parent.is_dir():
        raise FileMissingError(f"{target}: there is no folder {target.parent}. Make it first.")
    payload = _payload(spec, target.suffix, title)
    try:
        with replacing(target) as partial:
            partial.write_bytes(payload)
    except OSError as error:
        raise InputError(
            f"{target}: cannot be written ({error.strerror or error}). Free some space."
        ) from None
    return target


def _payload(spec: dict[str, Any], suffix: str, title: str) -> bytes:
    if suffix == ".html":
        return _page(spec, title)
    converter = require("vl_convert", f"Writing a figure as {suffix[1:].upper()}")
    if suffix == ".png":
        return bytes(converter.vegalite_to_png(spec, scale=_PIXELS))
    return str(converter.vegalite_to_svg(spec)).encode("utf-8")


def _page(spec: dict[str, Any], title: str) -> bytes:
    vega, script = embed_script(vega_script()), embed_script(_SCRIPT)
    plain = spec | {"config": {"view": {"stroke": None}, "background": "white"}}
    page = _PAGE.format(
        policy=html.escape(content_security_policy(vega, script)),
        title=html.escape(title),
        data=embed_json(plain),
        vega=vega,
        script=script,
    )
    return page.encode("utf-8", "replace")


_SCRIPT = """"use strict";
const spec = JSON.parse(document.getElementById("data").textContent);
window.vegaEmbed(document.getElementById("figure"), spec,
  { ast: true, actions: false, renderer: "svg", defaultStyle: false });
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
</head>
<body>
<div id="figure"></div>
<script type="application/json" id="data">{data}</script>
<script>{vega}</script>
<script>{script}</script>
</body>
</html>
"""
