"""HTML: entities become their characters, tags go, with what no reader sees (scripts, styles).

Only what is HTML for certain is touched: a tag has the name of an element, and a document has tags
if one of them closes, stands alone by its kind (``<br>``) or has an attribute. So ``a < b``,
``<3``, ``#include <stdio.h>`` and ``List<Object>`` stay. The text between tags is read by Lexbor
(selectolax), which follows the HTML standard where tags are broken or crossed; Python's own parser
is slower, and its answers differ between versions of Python.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

from polytopic.text.cleaning.steps import Removed, Step

__all__ = ["HTML"]

_INLINE = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
]  # fmt: skip
_BLOCK = [
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center",
    "col", "colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4",
    "h5", "h6", "head", "header", "html", "iframe", "legend", "li", "link", "main", "map",
    "marquee", "menu", "meta", "nav", "noscript", "object", "ol", "optgroup", "option", "p",
    "pre", "script", "section", "select", "style", "summary", "table", "tbody", "td",
    "template", "textarea", "tfoot", "th", "thead", "title", "tr", "ul", "video", "audio",
    "canvas", "svg", "base", "param", "source", "track", "embed",
]  # fmt: skip
_ALONE = ["br", "hr", "img", "input", "wbr", "area", "p", "li", "td", "th", "tr", "dd", "dt"]

_NAMES = "|".join(sorted({*_INLINE, *_BLOCK, *_ALONE}, key=len, reverse=True))
_TAG = re.compile(
    rf"</?(?:{_NAMES})(?:\s[^<>]*)?/?>|<!--.*?(?:-->|\Z)|<!doctype[^<>]*>", re.I | re.S
)
_SURE = re.compile(
    rf"</(?:{_NAMES})\s*>|<(?:{'|'.join(_ALONE)})(?:\s[^<>]*)?/?>"
    rf"|<(?:{_NAMES})\s[^<>]*=[^<>]*>|<!--|<!doctype",
    re.I,
)
_LINE_ENDS = re.compile(rf"</?(?:{'|'.join([*_BLOCK, *_ALONE])})(?=[\s/>])", re.I)
_STRAY = re.compile(rf"<(?!/?(?:{_NAMES})(?:\s[^<>]*)?/?>|!--|!doctype)", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSEEN = ["script", "style", "template", "noscript"]

ROUNDS = 2
"""Text that went through two programs is escaped twice (``&amp;nbsp;``, ``&lt;br&gt;``)."""


def _clean(text: str, removed: Removed) -> str:
    for _ in range(ROUNDS):
        before = len(removed)
        if "<" in text and _SURE.search(text):
            text = _without_tags(text, removed)
        if "&" in text:
            text = _ENTITY.sub(lambda match: _character(match, removed), text)
        if len(removed) == before:
            break
    return text


def _character(entity: re.Match[str], removed: Removed) -> str:
    name = entity[0][1:]
    plain = html.unescape(entity[0]) if name[0] == "#" else html5.get(name, entity[0])
    if plain != entity[0]:
        removed.append(entity[0])
    return plain


def _without_tags(text: str, removed: Removed) -> str:
    from selectolax.lexbor import LexborHTMLParser

    removed.extend(match[0] for match in _TAG.finditer(text))
    whole = _STRAY.sub("&lt;", _LINE_ENDS.sub(r"\n\g<0>", text))
    tree = LexborHTMLParser(whole.encode("utf-8", "replace"))
    tree.strip_tags(_UNSEEN)
    return "" if tree.root is None else str(tree.root.text(separator=""))


_MARKS = r"&#?[A-Za-z0-9]{1,31};|<[/!A-Za-z]"

HTML = Step("html", "tags and entities of HTML", _MARKS, _clean)
