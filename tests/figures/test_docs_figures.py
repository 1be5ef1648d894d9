"""Every figure and table of the docs has a name, and each is made of what ships."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from polytopic.errors import FileMissingError, InputError, MissingExtraError
from polytopic.figures import FIGURES, Figure, find, maker_of
from polytopic.figures.making import Drawing, Table, made, make

DOCS = Path(__file__).parent.parent.parent / "docs"
IMAGES = DOCS / "images"

pytest.importorskip("torch", reason="the neural extra is not installed")

# ---- the list ----------------------------------------------------------------------------------


@pytest.mark.skipif(not IMAGES.exists(), reason="the docs are not here")
def test_every_image_of_the_docs_has_a_name_and_every_name_its_image() -> None:
    endings = {"figure": ".svg", "picture": ".png"}
    named = {f"{f.name}{endings[f.kind]}" for f in FIGURES if f.kind in endings}
    assert {path.name for path in IMAGES.iterdir()} == named


@pytest.mark.skipif(not IMAGES.exists(), reason="the docs are not here")
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_it_stands_on_the_page_that_is_named(figure: Figure) -> None:
    page = (DOCS / figure.page).read_text(encoding="utf-8")
    if figure.kind == "table":
        assert f"polytopic figures {figure.name}" in page
    else:
        ending = "svg" if figure.kind == "figure" else "png"
        assert f"(images/{figure.name}.{ending})" in page
    if figure.command and (DOCS.parent / "benchmarks").exists():
        assert (DOCS.parent / figure.command.split()[1]).is_file()


def test_every_maker_is_there() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    for figure in FIGURES:
        if importlib.util.find_spec(figure.needs or "polytopic") is not None:
            assert (maker_of(figure).__doc__ or "").strip()


def test_listing_loads_no_library() -> None:
    program = (
        "import sys, polytopic.figures; "
        "assert not {'torch', 'altair', 'numba', 'numpy'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# ---- figures -----------------------------------------------------------------------------------


def test_draws_of_a_dirichlet_are_told_as_they_are() -> None:
    told = " ".join(made("dirichlet-simplex").told)
    assert "(0.01, 0.01, 0.01): largest share above .99 in 91.2% of draws" in told
    assert "(100, 100, 100): largest share above .99 in 0.0%" in told
    assert "(5, 50, 100): largest share above .99 in 0.0% of draws; means 0.03, 0.32, 0.65" in told


def test_atoms_of_a_process_are_more_and_smaller_with_alpha() -> None:
    found = made("stick-breaking")
    assert isinstance(found, Drawing) and isinstance(found.drawn, dict)
    sets = [panel["data"]["values"] for panel in found.drawn["hconcat"]]
    sizes = [len(rows) for rows in sets]
    heights = [max(row["weight"] for row in rows) for rows in sets]
    assert sizes == sorted(sizes) and sizes[-1] > 10 * sizes[0]
    assert heights == sorted(heights, reverse=True)
    assert all(sum(row["weight"] for row in rows) <= 1.0 + 1e-3 for rows in sets)


def test_the_two_directions_of_the_kl_end_where_the_page_says() -> None:
    stretched, squeezed = made("kl-directions").told
    assert stretched.endswith("location 0.00, deviation 2.09")
    assert squeezed.endswith("location 2.00, deviation 0.60")


def test_gradients_vary_as_the_page_says() -> None:
    told = made("gradient-variance").told
    assert told[0].startswith("1 dimensions: pathwise 3.9")
    assert told[-1] == "64 dimensions: pathwise 4, score 400"


def test_vectors_are_negative_and_topics_are_not() -> None:
    found = made("vectors-to-topics")
    assert isinstance(found, Drawing) and isinstance(found.drawn, dict)
    lowest = [
        min(cell["value"] for layer in panel["layer"] for cell in layer["data"]["values"])
        for panel in found.drawn["hconcat"]
    ]
    assert lowest[0] < 0 <= min(lowest[1:])


def test_the_table_of_models_is_the_registry() -> None:
    from polytopic import registry

    found = made("models")
    assert isinstance(found, Table)
    assert [row[0] for row in found.rows] == [entry.name for entry in registry.MODELS]
    assert found.markdown().count("\n") == len(registry.MODELS) + 2


def test_the_collapse_of_ntm_is_seen_on_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.figures import ntm_collapse

    few = {name: ntm_collapse.REMEDIES[name] for name in ("as published", "no decay")}
    monkeypatch.setattr(ntm_collapse, "REMEDIES", few)
    found = made("ntm-collapse")
    assert isinstance(found, Table)
    evenness = {row[0]: row[found.columns.index("evenness")] for row in found.rows}
    assert evenness["as published"] > 0.99 > 0.9 > evenness["no decay"] > evenness["cured"]


def test_two_matrices_tell_themes_and_four_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polytopic.figures import matrices
    from polytopic.figures.stand_in import documents

    monkeypatch.setattr(matrices, "_TEXTS", 1500)
    found = made("matrices")
    assert isinstance(found, Table)
    rows = {row[:3]: row[3:] for row in found.rows}
    for model in ("SkipGram", "CBOW"):
        assert rows[model, "two", "input"][1] > 0.9 > rows[model, "three", "input"][1]
        assert rows[model, "one", "input"][0] > rows[model, "two", "input"][0]
        assert rows[model, "four", "input"][0] < 0.1
    assert rows["ppmi_vectors", "none", "input"][1] > 0.9
    (tmp_path / "text.txt").write_text("\n".join(documents(400)[0]))
    with pytest.raises(InputError, match=r"has no pairs\.txt\. Name a folder with text\.txt"):
        made("matrices", tmp_path)
    pairs = [("pizza", "cheese", 9), ("cell", "gene", 8), ("judge", "oven", 1), ("car", "law", 2)]
    (tmp_path / "pairs.txt").write_text("\n".join(f"{a}\t{b}\t{c}" for a, b, c in pairs))
    monkeypatch.setattr(matrices, "_DIM", 8)
    given = made("matrices", tmp_path)
    assert isinstance(given, Table)
    assert [row[:3] for row in given.rows] == list(rows)
    assert all(-1.0 <= row[4] <= 1.0 for row in given.rows)
    (tmp_path / "text.txt").write_text("\n \n")
    with pytest.raises(InputError, match=r"text\.txt: holds no words"):
        made("matrices", tmp_path)


def test_collapses_are_drawn_of_the_stand_in_and_of_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polytopic.figures import collapse

    monkeypatch.setattr(collapse, "_SMALL_EPOCHS", 1)
    assert [line.split(",")[0] for line in made("collapse-watched").told] == [*collapse.BESIDE]
    number = {"winning": 2, "kl": 0.5, "evenness": 0.9, "dead": 3, "purity": 0.4}
    records = [
        {"corpus": "yelp", "collapse": c, "remedy": r, "seed": 0, "n_topics": 6,
         "found": number | {"epochs": [number, number]}}
        for c in ("component", "extreme") for r in ("none", "as built in")
    ]  # fmt: skip
    file = tmp_path / "collapse.json"
    file.write_text(json.dumps(records))
    remedies = made("collapse-remedies", file)
    assert isinstance(remedies, Drawing)
    assert "Yelp reviews" in json.dumps(remedies.drawn)
    assert len(made("collapse-watched", file).told) == 3


def test_priors_of_vectors_are_drawn_of_records_and_measured_on_the_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polytopic.figures import vector_prior

    record = {"corpus": "c", "way": "cluster", "vectors": "own", "strength": 10.0,
              "held_out": 0.1, "same": 0.5}  # fmt: skip
    file = tmp_path / "records.json"
    file.write_text(json.dumps([record, record | {"way": "none"}]))
    found = made("vector-prior", file)
    assert isinstance(found, Drawing)
    assert "pseudo-counts a topic" in json.dumps(found.drawn)
    monkeypatch.setattr(vector_prior, "_STRENGTHS", (10.0,))
    records = vector_prior._records(None)
    assert [record["way"] for record in records] == ["none", "cluster", "projection"]
    assert all(0.0 <= record["same"] <= 1.0 for record in records)


def test_planes_are_drawn_of_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.figures import planes

    monkeypatch.setitem(planes._SETTINGS, "epochs", 1)
    planes._fitted.cache_clear()
    found, path = made("latent-planes"), made("latent-traversal")
    planes._fitted.cache_clear()
    assert isinstance(found, Drawing) and isinstance(path, Drawing)
    drawn = json.dumps(found.drawn)
    assert all(name in drawn for name in ("Autoencoder", "DenoisingAutoencoder", "VAE", "kitchen"))
    assert "dimension 1" in json.dumps(path.drawn)


@pytest.mark.browser
def test_pictures_are_taken_of_a_run_that_is_made_first(tmp_path: Path) -> None:
    pytest.importorskip("selenium", reason="selenium is not installed")
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("chromium or chromedriver is not installed")
    make("report-edits", tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: holds no report\.html"):
        made("report-topic", tmp_path / "empty")


# ---- files and bad input -----------------------------------------------------------------------


def test_figures_and_tables_are_written_in_their_formats(tmp_path: Path) -> None:
    make("stick-breaking", tmp_path / "s.html")
    assert "default-src &#x27;none&#x27;" in (tmp_path / "s.html").read_text()
    make("models", tmp_path / "m.csv")
    assert (tmp_path / "m.csv").read_text().startswith("name,class,what it is,source,needs\n")
    make("imports", tmp_path / "i.svg")
    assert (tmp_path / "i.svg").read_text().startswith("<svg")
    if importlib.util.find_spec("vl_convert") is not None:
        make("stick-breaking", tmp_path / "s.svg")
        assert "<svg" in (tmp_path / "s.svg").read_text()


@pytest.mark.parametrize(
    ("name", "path", "data", "error", "told"),
    [
        ("kl-direction", "k.svg", None, InputError, "none named.*Near it: kl-directions"),
        ("", "k.svg", None, InputError, "none named"),
        ("kl-directions", "k.pdf", None, InputError, r"is a figure: give a name in \.svg or"),
        ("models", "k.svg", None, InputError, r"is a table: give a name in \.md or \.csv"),
        ("kl-directions", "no/k.svg", None, FileMissingError, "there is no folder"),
        ("kl-directions", "k.svg", ".", InputError, "kl-directions needs none"),
        ("ntm-collapse", "k.md", "none", FileMissingError, "ntm-collapse takes a folder"),
        ("imports", "k.png", None, InputError, r"comes as \.svg alone"),
        ("collapse-watched", "k.svg", "other.json", InputError, "no records of benchmarks/coll"),
        ("vector-prior", "k.svg", "other.json", InputError, "no records of benchmarks/vector"),
    ],
)
def test_what_cannot_be_made_is_told(
    name: str, path: str, data: str | None, error: type[Exception], told: str, tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_text('[{"corpus": 1}]')
    given = None if data is None else tmp_path / data
    with pytest.raises(error, match=told) as caught:
        make(name, tmp_path / path, data=given)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::polytopic.InterruptedFitWarning")
@pytest.mark.parametrize(
    ("name", "model"), [("matrices", "SkipGram"), ("matrices", "GloVe"), ("ntm-collapse", "NTM")]
)
def test_a_ctrl_c_ends_the_whole_table(
    name: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polytopic.figures import matrices, ntm_collapse

    class Interrupting:
        def log(self, values: dict[str, float], step: int) -> None:
            raise KeyboardInterrupt

    module = ntm_collapse if model == "NTM" else matrices
    kind = getattr(module, model)
    monkeypatch.setattr(matrices, "_TEXTS", 100)
    monkeypatch.setattr(ntm_collapse, "_DOCUMENTS", 100)
    monkeypatch.setattr(module, model, lambda **given: kind(**given, trackers=Interrupting()))
    with pytest.raises(KeyboardInterrupt):
        made(name)


def test_what_it_needs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"kl-directions needs torch.*polytopic\[neural\]"):
        made("kl-directions")
    assert find("kl-directions").needs == "torch"
