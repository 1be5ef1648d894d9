"""Plans in TOML: read, or refused with the entry that is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polytopic.comparing import read_plan, run_plan
from polytopic.errors import FileMissingError, InputError

MODELS = "[models.lda]\niterations = 2\n"
CORPUS = '[corpora.small]\nfile = "small.csv"\ntext = "body"\nlabel = "kind"\nclean = "none"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    words = ("engine motor wheel brake fuel road", "cell gene tissue enzyme organ blood")
    rows = [" ".join(random.choice(words[n % 2].split(), 8)) + f",{n % 2}" for n in range(40)]
    (tmp_path / "small.csv").write_text("\n".join(["body,kind", *rows]), encoding="utf-8")
    (tmp_path / "wiki.txt").write_text("engine motor wheel\ncell gene\n" * 20, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_whole_plan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        'seeds = [3, 1]\nn_topics = [2, 3]\nreference = "wiki.txt"\ntest_size = 0.25\nn_jobs = 2\n'
        f'{CORPUS}[corpora.split]\nfile = "small.csv"\ntest = "small.csv"\ntext = "body"\n'
        f'{MODELS}[models."long one"]\nmodel = "lda"\niterations = 4\n'
    )
    monkeypatch.chdir("/")  # paths are seen from the plan
    plan = read_plan(write(folder, text))
    assert list(plan.seeds) == [3, 1] and plan.n_jobs == 2
    assert list(plan.models) == ["lda, K=2", "lda, K=3", "long one, K=2", "long one, K=3"]
    assert plan.models["long one, K=3"] == ("LDA", {"iterations": 4, "n_topics": 3})
    small, split = plan.documents["small"], plan.documents["split"]
    assert (len(small.train), len(small.test or ())) == (30, 10)
    assert (len(split.train), len(split.test or ())) == (40, 40)
    assert split.test is not None and split.test.vocabulary.terms == split.train.vocabulary.terms
    assert small.train.labels is not None and "engine" in small.reference.vocabulary


def test_a_short_plan_runs(folder: Path) -> None:
    plan = read_plan(write(folder, f"seeds = 2\nn_topics = 2\n{CORPUS}{MODELS}"))
    found = run_plan(plan, folder / "found")
    assert [cell.seed for cell in found.cells] == [0, 1]
    assert (folder / "found" / "table.md").read_text(encoding="utf-8") == found.to_markdown()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seeds = [1,", "plan.toml: is no TOML"),
        (f"seed = 3\n{CORPUS}{MODELS}", 'plan.toml: "seed" is unknown. Did you mean "seeds"'),
        (CORPUS, r"plan.toml: has no table \[models.NAME\]"),
        (MODELS, r"plan.toml: has no table \[corpora.NAME\]"),
        (f"{CORPUS}[models]\nlda = 5\n", "models.lda is 5, not a table"),
        (f'{CORPUS}[models.x]\nmodel = "nosuch"\n', 'models.x: model: there is no model "nosuch"'),
        (f"{CORPUS}[models.lda]\niteration = 5\n", 'plan.toml: models.lda: iteration: is no.*"it'),
        (f'{CORPUS}[models.lda]\nalpha = "x"\n', "models.lda: alpha: 'x' cannot be used"),
        (f"{MODELS}[corpora.a]\n", "corpora.a: file must name a file"),
        (f"{MODELS}[corpora.a]\nfile = 5\n", "corpora.a: file must name a file"),
        (f'{MODELS}[corpora.a]\nfil = "x"\n', 'corpora.a: "fil" is unknown. Did you mean "file"'),
        (
            f'{MODELS}[corpora.a]\nfile = "small.csv"\ntext = "bdy"\n',
            'plan.toml: .*small.csv: no column "bdy"',
        ),
        (f"reference = 5\n{CORPUS}{MODELS}", "plan.toml: reference: is 5"),
        (f"seeds = 0\n{CORPUS}{MODELS}", "plan.toml: seeds: is 0"),
        (f"n_jobs = 0\n{CORPUS}{MODELS}", "plan.toml: n_jobs: 0 is no number of processes"),
        (f"test_size = 2.0\n{CORPUS}{MODELS}", "plan.toml: test_size: 2.0 of 40 documents"),
    ],
)
def test_a_plan_that_is_wrong_is_told(folder: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        read_plan(write(folder, text))
    assert "\n" not in str(told.value)


def test_files_that_are_missing_are_told(folder: Path) -> None:
    with pytest.raises(FileMissingError, match=r"nothing.toml: no such file. Name a plan"):
        read_plan(folder / "nothing.toml")
    with pytest.raises(FileMissingError, match=r"none.csv: no such file"):
        read_plan(write(folder, f'{MODELS}[corpora.a]\nfile = "none.csv"\n'))
