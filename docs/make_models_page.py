"""Writes docs/models.md from the registry: python docs/make_models_page.py"""

from __future__ import annotations

from pathlib import Path

from polytopic import registry
from polytopic.extras import EXTRAS

PAGE = Path(__file__).parent / "models.md"

HEAD = """# Models

Made from the registry by `python docs/make_models_page.py`; `polytopic models` prints the same.

| name | class | what it is | source | needs |
|---|---|---|---|---|
"""


def page() -> str:
    """The page as the registry has it now."""
    rows = []
    for entry in registry.MODELS:
        needs = f"`polytopic[{EXTRAS[entry.extra]}]`" if entry.extra else "nothing else"
        default = " (default)" if entry.name == registry.DEFAULT_TOPIC_MODEL else ""
        link = f"[{entry.name}](models/{entry.name}.md){default}"
        rows.append(
            f"| {link} | `{entry.class_name}` | {entry.summary} | {entry.source} | {needs} |\n"
        )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
