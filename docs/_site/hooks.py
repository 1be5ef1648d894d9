"""What MkDocs does not do by itself: the order of the pages, files of the repository, the API."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import posixpath
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))  # MkDocs reads this file by its path alone
import board_pages
import charts
import notebook_pages
import pictures

ROOT = Path(__file__).parent.parent.parent
ASSETS = ("site.css", "site.js")

HOME = "index.md"
TASKS = {
    "Topics of my documents": "first-hour.md",
    "From clone to report": "from-clone-to-report.md",
    "Reading your files": "reading-your-files.md",
    "Words and terms": "text.md",
    "Chinese, Japanese, Thai": "languages.md",
    "Tweets and short texts": "tweets.md",
    "Names of topics": "names.md",
    "Working with topics": "working-with-topics.md",
    "Asking a result": "questions.md",
    "Topics over time": "over-time.md",
    "Comparing groups": "groups.md",
    "How many topics?": "how-many.md",
    "How good are they?": "how-good.md",
    "Judges": "judging.md",
    "Guided topics": "guided-topics.md",
    "Document embeddings": "encoders.md",
    "Word vectors of my domain": "vectors.md",
    "Next month's documents": "updating.md",
    "Larger than memory": "scale.md",
    "Serving a model": "serving.md",
    "Comparing models": "comparing.md",
    "Watching a run": "watching.md",
    "The report": "report.md",
    "Ten tasks, side by side": "ten-tasks.md",
}
COMING = {
    "from BERTopic": "coming/bertopic.md",
    "from gensim": "coming/gensim.md",
    "from scikit-learn": "coming/scikit-learn.md",
    "from tomotopy": "coming/tomotopy.md",
    "from pyLDAvis": "coming/pyldavis.md",
    "from MALLET": "coming/mallet.md",
    "With other packages": "other-packages.md",
}
THEMES = {
    "What it stands on": "foundations.md",
    "From autoencoder to topic model": "from-autoencoder-to-topic-model.md",
    "Collapse": "collapse.md",
    "The collapse of NTM": "ntm-collapse.md",
    "Negative values": "negative-values.md",
    "Why two matrices?": "two-matrices.md",
    "Metrics": "metrics.md",
    "Glossary": "glossary.md",
}
REFERENCE = {
    "Command line": "cli.md",
    "Messages": "messages.md",
    "Defaults": "defaults.md",
    "Plugins": "plugins.md",
    "Reliability": "reliability.md",
}
PROJECT = {
    "Changes": "CHANGELOG.md",
    "Benchmarks": "benchmarks/README.md",
    "Figures": "benchmarks/RESULTS.md",
    "Corpora": "benchmarks/data.md",
    "Contributing": "CONTRIBUTING.md",
    "Adding to it": "adding.md",
    "The house": "design.md",
    "Security": "SECURITY.md",
}
BOARD = "board/index.md"
"""The first page of the board; the others are rows of board_pages.PAGES."""

NOTEBOOKS = "notebooks/README.md"

OF_THE_REPOSITORY = [
    page for page in (NOTEBOOKS, *PROJECT.values()) if not (ROOT / "docs" / page).exists()
]
"""Pages that lie outside docs/, at their place in the repository."""

_PEER = re.compile(r"^```(python|sh) (?:peer=\w+|fails)$", re.MULTILINE)
"""How the tests are told that code needs another package, or that a command is to be refused; a
page shows it as any code."""

_PICTURE = re.compile(r"^!\[", re.MULTILINE)
"""A page with a picture of its own, which `polytopic figures` made, goes without another."""

_OF_VECTORS = re.compile(r"\.metrics\.(word_|links)")
HEADINGS_ALONE = ("api/", "benchmarks/", "board/", "CHANGELOG", "adding", "models/")
"""Pages of which the search knows headings alone: lists of figures and of parameters."""

SEARCHED = 1_000
"""Characters of a section that the search knows: its index is loaded with every page, which is
to stay below 1 MB."""

_INHERITED = (
    "What it shares with others: [every topic model](every-topic-model.md), "
    "[every estimator](every-estimator.md)."
)
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]*)(#[^)\s]*)?\)")


BASES = {
    "Every topic model": "polytopic.topics.base.TopicModel",
    "Every estimator": "polytopic.base.Estimator",
}
"""What the models inherit stands on pages of its own, once."""


@cache
def api_pages() -> dict[str, list[str]]:
    """Heading of a page of the API to the paths of what stands on it; reckoned once a build."""
    import polytopic
    from polytopic import registry

    pages = {heading: [path] for heading, path in BASES.items()}
    for entry in registry.MODELS:
        pages[entry.class_name] = [f"{entry.module}.{entry.class_name}"]
    for name, module in polytopic._NAMES.items():
        kind = getattr(polytopic, name)
        path = f"{getattr(kind, '__module__', module)}.{name}"
        if not inspect.isclass(kind):
            pages.setdefault("Functions", []).append(path)
        elif issubclass(kind, Exception):
            pages.setdefault("Errors and warnings", []).append(path)
        else:
            pages[name] = [path]
    for module in ("metrics", "simplex"):
        loaded = importlib.import_module(f"polytopic.{module}")
        offered = {name: getattr(loaded, name) for name in loaded.__all__}
        for name, value in offered.items():
            if callable(value):
                path = f"{value.__module__}.{name}"
                judged = _OF_VECTORS.search(path)
                heading = f"polytopic.{module}{' of vectors and graphs' if judged else ''}"
                pages.setdefault(heading, []).append(path)
    return pages


def _slug(heading: str) -> str:
    return re.sub(r"\W+", "-", heading.lower()).strip("-")


def on_config(config: Any) -> Any:
    """The pages in order: by task, by package one comes from, by model, by theme, the API."""
    from polytopic import registry

    by_model = {entry.class_name: f"models/{entry.name}.md" for entry in registry.MODELS}
    api = {heading: f"api/{_slug(heading)}.md" for heading in api_pages()}

    board = {p.heading: f"board/{name}.md" for name, p in board_pages.PAGES.items()}

    def rows(pages: dict[str, str]) -> list[dict[str, str]]:
        return _listed({title: page for title, page in pages.items() if _there(page)})

    config["nav"] = [
        {"Start": HOME},
        {"By task": rows(TASKS)},
        {"Coming from": rows(COMING)},
        {"By model": [{"All models": "models.md"}, *rows(by_model)]},
        {"By theme": rows(THEMES)},
        {"Reference": [*rows(REFERENCE), {"API": [{t: p} for t, p in api.items()]}]},
        {"Board": [{"Overview": BOARD}, *({title: page} for title, page in board.items())]},
        {"Notebooks": [{"All notebooks": NOTEBOOKS}, *_listed(notebook_pages.pages())]},
        {"Project": rows(PROJECT)},
    ]
    return config


def _listed(pages: dict[str, str]) -> list[dict[str, str]]:
    return [{title: page} for title, page in pages.items()]


def _there(page: str) -> bool:
    return (ROOT / "docs" / page).exists() or (ROOT / page).exists()


def on_files(files: Files, config: Any) -> Files:
    """Pages of the repository's own files, of the API and of the board, pictures, the style."""
    for page in OF_THE_REPOSITORY:
        files.append(File.generated(config, page, content=(ROOT / page).read_text("utf-8")))
    of_notebooks = {page: notebook_pages.text_of(page) for page in notebook_pages.pages().values()}
    for page, text in {**_api_texts(), **_board_texts(), **of_notebooks}.items():
        files.append(File.generated(config, page, content=text))
    for name in ASSETS:
        text = (Path(__file__).parent / name).read_text("utf-8")
        files.append(File.generated(config, f"assets/{name}", content=text))
    lines = board_pages.LINES.read_text("utf-8")
    files.append(File.generated(config, f"assets/{board_pages.LINES.name}", content=lines))
    wanted = {picture_of(file.src_uri) for file in files.documentation_pages()}
    for name in sorted(wanted):
        drawing = pictures.drawing_of(name)
        for scheme in charts.SCHEMES:
            where = f"{pictures.FOLDER}/{name}-{scheme}.svg"
            files.append(File.generated(config, where, content=getattr(drawing, scheme)))
    return files


def _api_texts() -> dict[str, str]:
    from polytopic import registry

    models = {entry.class_name for entry in registry.MODELS}
    found = {}
    for heading, paths in api_pages().items():
        text = "\n\n".join(f"::: {path}" for path in paths)
        more = f"\n\n{_INHERITED}" if heading in models else ""
        found[f"api/{_slug(heading)}.md"] = f"# {heading}\n\n{text}{more}\n"
    return found


def _board_texts() -> dict[str, str]:
    pages = {f"board/{name}.md": board_pages.page(name) for name in board_pages.PAGES}
    return {BOARD: board_pages.overview(), **pages}


def picture_of(page: str) -> str:
    """The name of the picture of a page."""
    return pictures.name_of(page, _paths_of().get(page))


@cache
def _paths_of() -> dict[str, list[str]]:
    return {f"api/{_slug(heading)}.md": paths for heading, paths in api_pages().items()}


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Links between docs/ and the rest of the repository lead to the page there is, or to none."""
    markdown = _PEER.sub(r"```\1", markdown)
    source = page.file.src_uri
    if not _PICTURE.search(markdown):
        up = "../" * source.count("/")
        markdown = pictures.with_picture(markdown, picture_of(source), up)
    outside = (*OF_THE_REPOSITORY, *notebook_pages.pages().values())
    place = source if source in outside else f"docs/{source}"

    def lead(found: re.Match[str]) -> str:
        text, target, anchor = found[1], found[2], found[3] or ""
        where = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
        uri = notebook_pages.page_of_script(where.removeprefix("docs/"))
        if files.get_file_from_path(uri) is None:
            return text  # a file of the repository that is no page
        return f"[{text}]({os.path.relpath(uri, posixpath.dirname(source) or '.')}{anchor})"

    return "".join(
        part if number % 2 else _LINK.sub(lead, part)
        for number, part in enumerate(_fenced(markdown))
    )


def _fenced(markdown: str) -> Iterator[str]:
    """Text and blocks of code in turn."""
    return iter(re.split(r"(^```.*?^```$)", markdown, flags=re.DOTALL | re.MULTILINE))


def on_page_content(html: str, **ignored: Any) -> str:
    """Blocks of code that scroll can be reached by the keyboard; pictures come when seen."""
    return html.replace("<pre>", '<pre tabindex="0">').replace("<img ", '<img loading="lazy" ')


def on_post_build(config: Any) -> None:
    """No page for addresses that lead nowhere, which is of servers at the root; a light index.

    The index of the search is loaded with every page: of some it holds headings alone.
    """
    folder = Path(config["site_dir"])
    (folder / "404.html").unlink(missing_ok=True)
    index = folder / "search" / "search_index.json"
    found = json.loads(index.read_text("utf-8"))
    for row in found["docs"]:
        alone = row["location"].startswith(HEADINGS_ALONE)
        row["text"] = "" if alone else row["text"][:SEARCHED]
    index.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), "utf-8")
