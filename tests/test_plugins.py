"""Other packages add models, readers and metrics; what cannot be used is told and left out."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import polytopic as pt
from polytopic import plugins, registry
from polytopic.cli import main
from polytopic.text.formats import added_formats

EXAMPLE = Path(__file__).parent.parent / "examples" / "plugin"
TWO = np.kron(np.eye(2, dtype=int), np.full((30, 4), 3))


def fitted() -> pt.LDA:
    return pt.LDA(n_topics=2, random_state=0).fit(TWO)


def forget() -> None:
    """Look again at what is installed, and tell again what is left out."""
    plugins.loaded.cache_clear()
    plugins._TOLD.clear()


def run(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code in (0, None)


Installer = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installer]:
    """Puts a package's entry points, and modules of text, where Python finds them."""

    def put(points: dict[str, dict[str, str]], modules: dict[str, str] | None = None) -> Path:
        name = f"plugin{len(list(tmp_path.iterdir()))}"
        site = tmp_path / name
        about = site / f"{name}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(
            "".join(
                f"[{group}]\n" + "".join(f"{n} = {value}\n" for n, value in named.items())
                for group, named in points.items()
            )
        )
        for module, text in (modules or {}).items():
            (site / f"{module}.py").write_text(text)
        monkeypatch.syspath_prepend(str(site))
        forget()
        return site

    yield put
    forget()


@pytest.fixture
def example(install: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    assert set(project["entry-points"]) == set(plugins.GROUPS)
    install(project["entry-points"])
    monkeypatch.syspath_prepend(str(EXAMPLE / "src"))


@pytest.mark.usefixtures("example")
def test_the_template_passes_its_own_tests() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests"),
         "--rootdir", str(EXAMPLE)],
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.startswith(".....")


@pytest.mark.usefixtures("example")
def test_a_model_a_reader_and_a_metric_stand_beside_our_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"PMID- {i}\nAB  - {'engine fuel road' if i % 2 else 'cell gene copy'}\n\n"
             for i in range(20)]  # fmt: skip
    (tmp_path / "found.nbib").write_text("".join(lines))
    run("topics", str(tmp_path / "found.nbib"), "--model", "word-mixture", "-k", "2", "-o",
        str(tmp_path / "run"), "--min-df", "1", "--max-df", "1.0")  # fmt: skip
    result = pt.load_result(tmp_path / "run")
    assert result.metrics["rare_words"] == 0
    assert type(pt.load(tmp_path / "run" / "model")).__name__ == "WordMixture"
    capsys.readouterr()
    run("models")
    assert "word-mixture" in capsys.readouterr().out


def test_without_plugins_nothing_is_added() -> None:
    forget()
    assert registry.models() == registry.MODELS
    assert added_formats() == ()


ENTRY = "from polytopic.registry import Entry\n"


@pytest.mark.parametrize(
    ("group", "value", "module", "said"),
    [
        ("models", "absent:ROW", "", "could not be loaded (ModuleNotFoundError"),
        ("models", "broken:ROW", "1 / 0", "could not be loaded (ZeroDivisionError"),
        ("models", "broken:ROW", "ROW = 7", "is of type int, not Entry"),
        ("readers", "broken:ROW", "ROW = 'x'", "is of type str, not Format"),
        ("metrics", "broken:ROW", "ROW = 7", "is of type int, not Callable"),
        (
            "models", "broken:ROW",
            ENTRY + "ROW = Entry(name='lda', class_name='X', module='broken', family='topics',"
            "summary='', source='')", 'gives "lda", which is there already',
        ),
        (
            "readers", "broken:ROW",
            "from polytopic.text.formats import Format\nROW = Format(('.csv',), 'a', None)",
            'gives ".csv", which is there already',
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_once_and_left_out(
    install: Installer, group: str, value: str, module: str, said: str
) -> None:
    install({f"polytopic.{group}": {"odd": value}}, {"broken": module})
    sys.modules.pop("broken", None)
    with pytest.warns(pt.PluginWarning) as told:
        _ask(group)
    assert len(told) == 1 and said in str(told[0].message)
    assert "plugin odd of plugin0 1.0" in str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _ask(group)


def _ask(group: str) -> None:
    if group == "models":
        assert registry.models() == registry.MODELS
    elif group == "readers":
        assert added_formats() == ()
    else:
        assert "odd" not in pt.metrics.evaluate(fitted(), TWO)


def test_of_two_plugins_with_one_name_the_first_is_taken(install: Installer) -> None:
    row = ENTRY + (
        "ROW = Entry(name='same', class_name='{0}', module='{0}', family='topics',"
        "summary='', source='')"
    )
    install({"polytopic.models": {"a": "one:ROW"}}, {"one": row.format("One")})
    install({"polytopic.models": {"b": "two:ROW"}}, {"two": row.format("Two")})
    with pytest.warns(pt.PluginWarning, match='plugin b .*gives "same", which is there already'):
        assert registry.find("same").class_name == "One"


@pytest.mark.parametrize(
    ("body", "said"), [("", "cannot be imported"), ("class Model: ...", "is no polytopic estima")]
)
def test_a_row_that_leads_to_no_estimator_is_told(install: Installer, body: str, said: str) -> None:
    row = (
        "ROW = Entry(name='hollow', class_name='Model', module='hollow_model', family='topics',"
        "summary='', source='')"
    )
    install({"polytopic.models": {"hollow": "hollow:ROW"}},
            {"hollow": ENTRY + row, "hollow_model": body})  # fmt: skip
    sys.modules.pop("hollow_model", None)
    with pytest.raises(pt.InputError, match=f"model hollow: .*{said}.*the package that adds it"):
        pt.explore(["a b"] * 9, model="hollow")


def test_a_reader_that_fails_is_told_by_name_of_the_file(
    install: Installer, tmp_path: Path
) -> None:
    module = (
        "from polytopic.text.formats import Format, rows_reader\n"
        "def rows(source):\n    yield {'text': 'a'}\n    raise KeyError('AB')\n"
        "ROW = Format(('.odd',), 'a row', rows_reader(rows))\n"
        "LIST = Format(('.list',), 'a row', rows_reader(lambda source: [['a']]))\n"
    )
    install({"polytopic.readers": {"odd": "odd_reader:ROW", "list": "odd_reader:LIST"}},
            {"odd_reader": module})  # fmt: skip
    for name, said in (("x.odd", "plugin for .odd .KeyError"), ("x.list", "gives a list for row")):
        (tmp_path / name).write_text("a")
        with pytest.raises(pt.InputError, match=said):
            pt.read(tmp_path / name)
    with pytest.raises(pt.InputError, match="--sheet means nothing there"):
        pt.read(tmp_path / "x.odd", sheet="a")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("def odd(topics): return 1", "asks for topics, which is none of topic_word"),
        ("def odd(topic_word): raise KeyError('k')", "KeyError: 'k'"),
        ("def odd(topic_word): return topic_word", r"array of shape \(2, 8\)"),
        ("def odd(topic_word): return 'high'", "ValueError"),
    ],
)
def test_a_metric_that_fails_is_told_and_none(install: Installer, function: str, said: str) -> None:
    install({"polytopic.metrics": {"odd": "odd_metric:odd"}}, {"odd_metric": function})
    sys.modules.pop("odd_metric", None)
    model = fitted()
    with pytest.warns(pt.PluginWarning, match=said):
        assert pt.metrics.evaluate(model, TWO)["odd"] is None


def test_a_metric_is_given_what_it_asks_for(install: Installer) -> None:
    function = (
        "def odd(topic_word, doc_topic, counts, terms, labels=None):\n"
        "    assert labels is None and doc_topic.shape[0] == counts.shape[0]\n"
        "    return topic_word.sum(1) * len(terms)\n"
        "def needy(reference): return 1.0\n"
    )
    install({"polytopic.metrics": {"odd": "odd_metric:odd", "needy": "odd_metric:needy"}},
            {"odd_metric": function})  # fmt: skip
    sys.modules.pop("odd_metric", None)
    model = fitted()
    found = pt.metrics.evaluate(model, TWO, intervals=10)
    assert found["odd"] == pytest.approx(8, abs=1e-5) and found["needy"] is None
    assert found["odd_low"] == pytest.approx(8, abs=1e-5)
