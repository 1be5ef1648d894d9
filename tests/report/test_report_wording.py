"""The page's words in every language, its sentences, and the convergence they tell."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import polytopic
from polytopic.errors import InputError
from polytopic.report import assets, render
from polytopic.report.health import judge
from polytopic.report.wording import LANGUAGES, Wording
from polytopic.result import TopicResult

Make = Callable[..., TopicResult]
TABLE: dict[str, dict[str, str]] = json.loads(assets.page_words())
ASSETS = Path(assets.__file__).parent
PACKAGE = ASSETS.parent.parent
VIEWING = ASSETS.parent.parent / "viewing"
SOURCES = [
    *ASSETS.glob("*.js"), *ASSETS.glob("*.jinja"), *ASSETS.parent.glob("*.py"),
    *VIEWING.glob("*.jinja"), *VIEWING.glob("*.py"),
]  # fmt: skip
PLACES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("key", sorted(TABLE))
def test_every_key_is_there_in_each_language(key: str) -> None:
    forms = TABLE[key]
    assert tuple(forms) == LANGUAGES
    assert all(form.strip() for form in forms.values())
    places = [set(PLACES.findall(form)) for form in forms.values()]
    assert all(found == places[0] for found in places), places
    for language, form in forms.items():
        both = form.split(" | ")
        assert len(both) <= 2, language
        assert all(set(PLACES.findall(one)) == places[0] for one in both)


def templates() -> set[str]:
    """The English templates that are told anywhere in the package, but for those of no words."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            target.id: node.value
            for node in ast.walk(tree) if isinstance(node, ast.Assign)
            for target in node.targets if isinstance(target, ast.Name) and target.id.isupper()
        }  # fmt: skip
        for node in ast.walk(tree):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and called in ("Told", "_counted") and node.args:
                found |= texts_of(node.args[0], named)
    return {text for text in found if re.search(r"\w", PLACES.sub("", text))}


def texts_of(node: ast.AST, named: dict[str, ast.expr]) -> set[str]:
    """The strings of an expression and of the constants it names, but for names of states."""
    nodes = list(ast.walk(node))
    inner = [named[n.id] for n in nodes if isinstance(n, ast.Name) and n.id in named]
    here = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    here = {text for text in here if text not in ("good", "rising", "falling")}
    return here.union(*(texts_of(one, named) for one in inner))


def test_what_the_page_says_is_in_the_table_and_nothing_else() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    asked = set(re.findall(r"""\bsay\(\s*["'](\w+)["']""", source))
    assert asked <= set(TABLE), asked - set(TABLE)
    unused = [key for key in TABLE if not re.search(rf"""["'`]{key}["'`]""", source)]
    built = {"save_png", "save_svg", "save_csv"}
    built |= {"told_both", "told_fell", "told_rose", "told_steady"}
    built |= {"verdict_good", "verdict_fair", "verdict_junk"}
    found = {forms["en"]: key for key, forms in TABLE.items() if key.startswith("found_")}
    assert set(unused) <= built | set(found.values())
    assert set(found) == templates(), "sentences of what is found, and those in the table"


def test_another_language_changes_words_and_not_topics(make: Make) -> None:
    english, german = render(make()), render(make(), language="de")
    assert '<html lang="de">' in german
    english, german = (
        re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL) for page in (english, german)
    )
    assert "Themen im Lauf der Zeit" in german and "Topics over time" not in german
    assert "For the analyst" in english and "For the analyst" not in german
    assert "gene cell protein" in german


def test_an_unknown_language_is_refused_in_one_line(make: Make) -> None:
    with pytest.raises(InputError, match='language: the page has no words in "xx"') as told:
        render(make(), language="xx")
    assert "\n" not in str(told.value)


def test_numbers_are_those_of_the_language() -> None:
    assert Wording("en").percent(0.043) == "4.3\u00a0%"  # never broken between lines
    assert Wording("de").percent(0.043) == "4,3\u00a0%"
    assert Wording("fr").percent(0.043) == "4,3\u202f%"
    assert Wording("fr").percent(0.0001) == "<0,1\u202f%"
    assert not re.search(r"[\d}] %", assets.page_words())
    assert Wording("de").whole(12345) == "12.345" and Wording("en").whole(12345) == "12,345"
    assert Wording("en").listed(["a", "b", "c"]) == "a, b and c"
    assert Wording("en").say("n_topics", 1) == "1 topic"


def test_the_first_sentences_are_the_figures(make: Make) -> None:
    page = render(make())
    sentences = re.findall(r'<p data-state="\w+"[^>]*>(.*?)</p>', page)
    plain = [re.sub("<[^>]+>", "", sentence) for sentence in sentences]
    assert 3 <= len(plain) <= 5
    assert plain[0].startswith("12 documents speak of 3 topics. The largest are ")
    assert plain[0].endswith("together 100\u00a0% of all words.")
    assert "no topic rose or fell beyond chance" in plain[1]
    assert plain[-1] == "The topics look sound: none is empty, doubled or made of stop words."


def test_what_needs_a_look_is_said_first_with_the_way_to_it(make: Make) -> None:
    rows = make().topic_word.copy()
    rows[1] = rows[0]
    page = render(make(topic_word=rows))
    assert re.search(r'<p data-state="(warn|bad)"', page)


def trace(rising: bool) -> list[dict[str, float]]:
    ends = -6.0 if rising else -8.0
    values = np.linspace(-9.0, ends, 40) if rising else -8.0 - np.exp(-np.arange(40.0))
    return [{"iteration": n + 1.0, "log_likelihood": float(v)} for n, v in enumerate(values)]


def test_a_likelihood_that_still_rises_is_not_called_healthy(make: Make) -> None:
    rising, settled = judge(make(history=trace(True))), judge(make(history=trace(False)))
    assert rising.state == "warn" and "still rising" in rising.summary
    assert settled.state == "good" and settled.verdict == "Healthy"
    assert settled.convergence is not None and settled.convergence.settled
    assert "Training had not settled" in render(make(history=trace(True)))
    assert judge(make()).convergence is None  # a neural objective is not judged by this rule


def test_lda_warns_when_it_stops_too_early() -> None:
    rng = np.random.default_rng(0)
    topics = rng.dirichlet(np.full(300, 0.05), 10)
    theta = rng.dirichlet(np.full(10, 0.2), 400)
    counts = np.array([rng.multinomial(60, row @ topics) for row in theta])
    with pytest.warns(polytopic.ConvergenceWarning, match="still rising"):
        polytopic.LDA(n_topics=10, iterations=14, random_state=0).fit(counts)


def test_only_what_was_chosen_stands_under_how_it_was_run(make: Make) -> None:
    model = polytopic.LDA(n_topics=3, iterations=2, random_state=7, n_threads=1)
    result = model.fit_result(make().counts)
    assert result.notes["chosen"] == ["iterations", "n_threads", "n_topics", "random_state"]
    page = render(result)
    facts = page[page.index('class="facts"') : page.index("</table>", page.index("random state"))]
    assert "random state" in facts and "learning decay" not in facts and ">none<" not in facts


@pytest.mark.parametrize(
    "path", ["/home/someone/data/a b.csv", "C:\\Users\\x\\a b.csv", "\\\\host\\s\\a b.csv"]
)
def test_no_folder_of_who_made_the_page_is_told(make: Make, path: str) -> None:
    page = render(make(notes={"source": path}))
    assert (
        "a b.csv" in page and "someone" not in page and "Users" not in page and "host" not in page
    )


def test_every_colour_has_its_dark_twin() -> None:
    style = assets.page_style()
    light, dark = style[: style.index("@media")], style[style.index("prefers-color-scheme: dark") :]
    named = set(re.findall(r"(--[\w-]+):\s*#", light))
    assert {"--ground", "--ink", "--middle", "--more"} <= named
    assert named == set(re.findall(r"(--[\w-]+):\s*#", dark[: dark.index("}")]))
    used = set(re.findall(r"var\((--[\w-]+)\)", style))
    assert used <= named | {
        "--sans",
        "--serif",
        "--topic",
        "--size",
        "--state",
        "--sure",
        "--depth",
    }
