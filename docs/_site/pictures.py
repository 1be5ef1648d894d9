"""A picture for every page of the site, made by the package when the site is built.

What is made is kept below ``build/`` until a source of the package or of the site changes: a build
after that draws all again, which takes about half a minute of a processor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import board_pages
import charts
import fits
from digests import DIGITS, digest_of

__all__ = ["HOUSE", "Picture", "drawing_of", "name_of", "with_picture"]

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "build" / "site-pictures"
FOLDER = "assets/pictures"

HOUSE = "house"
"""The whole package, where no part of it is what a page is about."""

PAGES = {
    "index.md": "model-dirichlet-vae",
    "from-clone-to-report.md": "part-exploring",
    "reading-your-files.md": "part-text",
    "text.md": "part-text",
    "languages.md": "part-text",
    "tweets.md": "model-nmf",
    "names.md": "model-lda",
    "working-with-topics.md": "part-result",
    "questions.md": "part-result",
    "over-time.md": "part-result",
    "groups.md": "part-result",
    "how-many.md": "numbers",
    "how-good.md": "part-metrics",
    "judging.md": "part-judging",
    "guided-topics.md": "model-lda",
    "encoders.md": "model-cluster-tm",
    "vectors.md": "model-skipgram",
    "updating.md": "part-topics",
    "scale.md": "part-cluster",
    "serving.md": "part-viewing",
    "comparing.md": "comparison",
    "watching.md": "losses",
    "ten-tasks.md": "part-exploring",
    "coming/bertopic.md": "model-cluster-tm",
    "coming/gensim.md": "model-skipgram",
    "coming/scikit-learn.md": "model-nmf",
    "coming/tomotopy.md": "model-lda",
    "coming/pyldavis.md": "part-report",
    "coming/mallet.md": "model-lda",
    "other-packages.md": "part-bridges",
    "two-matrices.md": "model-skipgram",
    "ntm-collapse.md": "model-ntm",
    "metrics.md": "part-metrics",
    "cli.md": "part-cli",
    "defaults.md": "part-topics",
    "reliability.md": "part-io",
    "benchmarks/RESULTS.md": "board-quality",
    "benchmarks/README.md": "board-speed",
    "board/index.md": "board-quality",
    "notebooks/1_first_hour.md": "model-lda",
    "notebooks/2_autoencoder_to_topic_model.md": "model-dirichlet-vae",
    "notebooks/3_word2vec_to_two_matrices.md": "model-skipgram",
    "notebooks/4_collapse.md": "model-ntm",
    "notebooks/5_study.md": "comparison",
}
"""Pages by hand to their pictures; models, the board and the API have theirs by name."""

_DARK = {
    "#1c2733": "#e2e6ee", "#5b6773": "#b4bcc8", "#eef3f7": "#2e3440", "#7c8fa0": "#7c8fa0",
    "#b9c6d1": "#4a5363", "#2f6690": "#7fb2dc",
}  # fmt: skip
"""Colours of the picture of the package on white to those on dark."""

_HERE = {"light": "#f3c58f", "dark": "#9a5a1c"}
"""The part that a page is about."""


@dataclass(frozen=True)
class Picture:
    """What it shows, in words, and the text of its SVG on white and on dark."""

    alt: str
    light: str
    dark: str


def name_of(page: str, paths: list[str] | None = None) -> str:
    """The name of a page's picture; ``paths``: of a page of the API what stands on it."""
    from polytopic import registry

    folder, _, stem = page.removesuffix(".md").rpartition("/")
    if page in PAGES:
        return PAGES[page]
    if folder in ("models", "board"):
        return f"{folder.removesuffix('s') if folder == 'models' else folder}-{stem}"
    if paths:
        place, _, name = paths[0].rpartition(".")
        models = {entry.class_name: entry.name for entry in registry.MODELS}
        part = place.split(".")[1] if "." in place else ""
        return f"model-{models[name]}" if name in models else _part(part)
    return HOUSE


def _part(part: str) -> str:
    from polytopic.figures.imports import rooms

    return f"part-{part}" if part in rooms() else HOUSE


def with_picture(markdown: str, name: str, up: str) -> str:
    """The page with its picture before its first section; ``up``: the way to the site's root.

    How what it shows is said in words begins, stands below it.
    """
    alt = drawing_of(name).alt.replace("[", "(").replace("]", ")")
    shown = "".join(
        f"![{alt}]({up}{FOLDER}/{name}-{scheme}.svg#only-{scheme})\n" for scheme in charts.SCHEMES
    )
    caption = re.split("[:;]", alt)[0]
    found = re.search(r"^## |^::: ", markdown, re.MULTILINE)
    place = found.start() if found else len(markdown)
    return f"{markdown[:place].rstrip()}\n\n{shown}\n*{caption}.*\n\n{markdown[place:]}"


@cache
def drawing_of(name: str) -> Picture:
    """The picture, kept or made now."""
    file = KEPT / f"{name}-{_state(name.startswith('board-'))}.json"
    if file.exists():
        return Picture(**json.loads(file.read_text(encoding="utf-8")))
    made = _made(name)
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob(f"{name}-{'[0-9a-f]' * DIGITS}.json"):
        old.unlink()
    file.write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


@cache
def _state(of_board: bool) -> str:
    """A digest of all that pictures are made of; the board's also of its lines and tables."""
    own = (module.__file__ for module in (board_pages, charts, fits))
    sources = [*(ROOT / "src").rglob("*.py"), Path(__file__), *(Path(file) for file in own if file)]
    if of_board:
        sources += [*board_pages.BENCHMARKS.glob("_board/*.py"), board_pages.LINES]
    return digest_of(sources)


def _made(name: str) -> Picture:
    kind, _, what = name.partition("-")
    if kind in ("part", HOUSE):
        return _house(what)
    if kind == "board":
        told, chart = board_pages.PAGES[what].alt, board_pages.chart(what)
    else:
        told, chart = fits.of_model(what) if kind == "model" else _OTHERS[name]()
    return Picture(told, *(charts.drawn(chart, scheme) for scheme in charts.SCHEMES))


@cache
def _whole() -> str:
    from polytopic.figures.imports import picture

    return picture()


def _house(part: str) -> Picture:
    """The parts of the package and which imports which, one of them in another colour."""
    text = _whole()
    if part:
        box = re.compile(rf"<rect( [^>]*/><text [^>]*>{part}</text>)")
        text = box.sub(r'<rect class="here"\1', text)
        own = f'rect.here {{ fill: HERE; }} path[data-from="{part}"] {{ stroke: HERE; }}'
        text = text.replace("</style>", f"{own}\n</style>")
    dark = re.sub(r"#[0-9a-f]{6}", lambda found: _DARK.get(found[0], found[0]), text)
    where = f"where {part} stands in it" if part else "the whole of it"
    told = f"The parts of the package, each above those that it imports: {where}"
    return Picture(told, text.replace("HERE", _HERE["light"]), dark.replace("HERE", _HERE["dark"]))


def _numbers() -> tuple[str, Any]:
    import polytopic as pt
    from polytopic.figures.stand_in import themed

    found = pt.choose_topics(themed(), [2, 3, 4, 6, 8], runs=2)
    return f"Numbers of topics tried on 300 made-up texts of four themes: {found.sentence}", (
        found.figure().to_dict()
    )


def _comparison() -> tuple[str, Any]:
    import polytopic as pt
    from polytopic.figures.stand_in import themed

    found = pt.compare(["lda", "nmf"], {"made-up texts": themed()}, n_topics=4, seeds=[0, 1, 2])
    return "LDA and NMF with three seeds each on 300 made-up texts of four themes", (
        found.figure(["npmi", "diversity", "purity"]).to_dict()
    )


def _losses() -> tuple[str, Any]:
    import polytopic as pt
    from polytopic.figures.stand_in import themed
    from polytopic.report.curves import loss_curves

    models = [kind(n_topics=4, random_state=0).fit(themed()) for kind in (pt.ProdLDA, pt.ETM)]
    return "What ProdLDA and ETM recorded of each epoch on 300 made-up texts", (
        loss_curves(*models).figure().to_dict()
    )


_OTHERS: dict[str, Callable[[], tuple[str, Any]]] = {
    "numbers": _numbers,
    "comparison": _comparison,
    "losses": _losses,
}
"""Figures that the package draws of its own answers."""
