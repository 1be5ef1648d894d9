"""The style, scripts and template of the page, read as text and set inline."""

from __future__ import annotations

from functools import cache
from importlib import resources

from polytopic.extras import require

__all__ = ["SNIPPET", "page_script", "page_style", "page_template", "page_words", "vega_script"]

SNIPPET = "window.vegaEmbed = vegaEmbed;"
"""What the bundle of Vega scripts makes global; the build hook uses the same line."""

_SCRIPTS = (
    "dom.js", "edits.js", "current.js", "sentences.js", "tip.js", "figure.js", "plane.js",
    "chart.js", "map.js", "tree.js", "time.js", "labels.js", "docs.js", "docdraw.js",
    "docchoose.js", "cloud.js", "wordlist.js", "topic.js", "typed.js", "editor.js", "page.js",
)  # fmt: skip
_STYLES = ("page.css", "figures.css", "topic.css", "edits.css", "media.css")


def page_style() -> str:
    """The style sheet of the page."""
    return "\n".join(_read(name) for name in _STYLES)


def page_script() -> str:
    """The page's own script, in a scope of its own."""
    body = "\n".join(_read(name) for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}\n}})();'


def page_template() -> str:
    """The jinja2 template of the page."""
    return _read("page.html.jinja")


def page_words() -> str:
    """The words of the page in every language, as JSON: key to language to words."""
    return _read("words.json")


@cache
def vega_script() -> str:
    """The bundled Vega scripts: made when the package was built, else by vl-convert.

    Raises
    ------
    MissingExtraError
        In a source tree that was not built, without vl-convert.
    """
    asset = resources.files(__package__).joinpath("vega.js")
    if asset.is_file():
        return asset.read_text(encoding="utf-8")
    vl_convert = require("vl_convert", "Writing a figure from a source tree that was not built")
    return str(vl_convert.javascript_bundle(SNIPPET))


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
