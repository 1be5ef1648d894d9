"""Lists of words that alone name no subject."""

from __future__ import annotations

from polytopic.metrics.listed_words import first_names, tex_commands


def test_first_names_are_found_in_any_case_and_words_are_none() -> None:
    listed = ["mike", "Tom", "KEN", "mark", "bill", "rose", "peter", "engine"]
    assert first_names(listed) == ["mike", "Tom", "KEN"]


def test_letters_are_commands_only_beside_a_sign() -> None:
    variants = ["omicron", "delta", "alpha", "beta", "gamma", "variant"]
    assert tex_commands(variants) == []
    assert tex_commands([*variants, "mathrm"]) == ["delta", "alpha", "beta", "gamma", "mathrm"]
    assert tex_commands(["log", "left", "subset"]) == []
