"""Texts of another language than their stop words are told, in one line that says what to do."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import polytopic as pt
from polytopic.errors import TextWarning
from polytopic.text.languages import languages_of_words, likenesses
from polytopic.text.stopwords import listed_words

TEXTS = {
    "en": "The weather was very fine yesterday and we went to the lake with the children. The "
    "street has been louder since the works, but the town does not want to do anything about it. I "
    "have not read the letter because it was on the table and nobody told me about it.",
    "de": "Das Wetter war gestern sehr schön und wir sind mit den Kindern an den See gefahren. Die "
    "Straße ist seit dem Umbau viel lauter als vorher, aber die Stadt will nichts dagegen tun. Ich "
    "habe den Brief nicht gelesen, weil er auf dem Tisch lag und niemand mir davon erzählt hat.",
    "fr": "Le temps était très beau hier et nous sommes allés au lac avec les enfants. La rue est "
    "plus bruyante depuis les travaux, mais la ville ne veut rien faire. Je n'ai pas lu la lettre "
    "parce qu'elle était sur la table et que personne ne m'en a parlé.",
    "es": "El tiempo estaba muy bueno ayer y fuimos al lago con los niños. La calle es más ruidosa "
    "desde las obras, pero la ciudad no quiere hacer nada. No he leído la carta porque estaba en "
    "la mesa y nadie me habló de ella.",
    "it": "Il tempo era molto bello ieri e siamo andati al lago con i bambini. La strada è più "
    "rumorosa dopo i lavori, ma la città non vuole fare nulla. Non ho letto la lettera perché era "
    "sul tavolo e nessuno me ne ha parlato.",
    "pt": "O tempo estava muito bom ontem e fomos ao lago com as crianças. A rua é mais barulhenta "
    "desde as obras, mas a cidade não quer fazer nada. Não li a carta porque estava na mesa e "
    "ninguém me falou dela.",
    "nl": "Het weer was gisteren heel mooi en we zijn met de kinderen naar het meer gegaan. De "
    "straat is veel luider sinds de werken, maar de stad wil er niets aan doen. Ik heb de brief "
    "niet gelezen omdat hij op de tafel lag en niemand mij erover verteld heeft.",
    "pl": "Pogoda była wczoraj bardzo ładna i pojechaliśmy z dziećmi nad jezioro. Ulica jest dużo "
    "głośniejsza od czasu przebudowy, ale miasto nie chce nic z tym zrobić. Nie przeczytałem "
    "listu, bo leżał na stole i nikt mi o nim nie powiedział.",
    "ro": "Vremea a fost foarte frumoasă ieri și am mers la lac cu copiii. Strada este mult mai "
    "zgomotoasă după lucrări, dar orașul nu vrea să facă nimic. Nu am citit scrisoarea pentru că "
    "era pe masă și nimeni nu mi-a spus despre ea.",
    "fi": "Sää oli eilen todella kaunis ja menimme lasten kanssa järvelle. Katu on paljon "
    "meluisampi remontin jälkeen, mutta kaupunki ei halua tehdä asialle mitään. En ole lukenut "
    "kirjettä, koska se oli pöydällä eikä kukaan kertonut minulle siitä.",
    "tr": "Hava dün çok güzeldi ve çocuklarla göle gittik. Sokak yenilemeden sonra çok daha "
    "gürültülü ama belediye bu konuda hiçbir şey yapmak istemiyor. Mektubu okumadım çünkü masanın "
    "üzerindeydi ve kimse bana ondan bahsetmedi.",
    "el": "Ο καιρός ήταν πολύ ωραίος χθες και πήγαμε στη λίμνη με τα παιδιά. Ο δρόμος είναι πολύ "
    "πιο θορυβώδης μετά τα έργα, αλλά η πόλη δεν θέλει να κάνει τίποτα για αυτό.",
    "ru": "Погода вчера была очень хорошая, и мы поехали с детьми на озеро. Улица стала гораздо "
    "громче после перестройки, но город не хочет ничего с этим делать.",
    "he": "מזג האוויר היה יפה מאוד אתמול ונסענו לאגם עם הילדים. הרחוב רועש הרבה יותר מאז השיפוץ, "
    "אבל העירייה לא רוצה לעשות כלום. לא קראתי את המכתב כי הוא היה על השולחן ואף אחד לא סיפר לי.",
}

KEEP = {"min_df": 1, "max_df": 1.0}
DANISH = (
    "Vejret var meget smukt i går, og vi tog til søen med børnene. Gaden er meget mere larmende "
    "efter ombygningen, men byen vil ikke gøre noget ved det. Jeg har ikke læst brevet, fordi det "
    "lå på bordet, og ingen fortalte mig om det."
)


def notes(texts: list[str], **options: object) -> tuple[str, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TextWarning)
        return pt.Corpus.from_texts(texts, **{**KEEP, **options}).dropped.notes


@pytest.mark.parametrize("code", [code for code in TEXTS if code != "en"])
def test_another_language_is_named(code: str) -> None:
    with pytest.warns(TextWarning, match=f'give language="{code}"'):
        corpus = pt.Corpus.from_texts([TEXTS[code]] * 3, **KEEP)
    (note,) = corpus.dropped.notes
    assert note.startswith("the texts look ")
    assert "English)" in note and f"--language {code}" in note


@pytest.mark.parametrize("code", TEXTS)
def test_its_own_language_is_not_doubted(code: str) -> None:
    assert notes([TEXTS[code]] * 3, language=code) == ()


def test_the_line_says_shares_and_what_to_do() -> None:
    words = len([w for w in TEXTS["de"].replace(".", "").replace(",", "").split() if len(w) > 1])
    counts = {w.strip(".,").lower(): 0 for w in TEXTS["de"].split()}
    for word in TEXTS["de"].split():
        counts[word.strip(".,").lower()] += 1
    share = sum(n for w, n in counts.items() if w in listed_words("de")) / words
    (note,) = notes([TEXTS["de"]])
    assert note.startswith(f"the texts look German ({share:.0%} of their words are German stop")
    assert note.endswith('give language="de" (--language de).')


def test_languages_that_hardly_differ_are_both_named() -> None:
    (note,) = notes([DANISH] * 3)
    assert 'language="da"' in note and 'language="nb"' in note
    assert notes([DANISH] * 3, language="da") == ()
    assert notes([DANISH] * 3, language="nb") == ()


def test_languages_that_share_stop_words_are_told_apart() -> None:
    assert 'language="pt"' in notes([TEXTS["pt"]] * 3, language="es")[0]
    assert 'language="es"' in notes([TEXTS["es"]] * 3, language="pt")[0]
    assert 'language="en"' in notes([TEXTS["en"]] * 3, language="de")[0]


def test_a_part_in_another_language_is_told_with_both_shares() -> None:
    (note,) = notes([TEXTS["en"]] * 3 + [TEXTS["de"]])
    assert note.startswith("part of the texts looks German (") and "German stop words" in note
    assert "divide them by language" in note
    assert notes([TEXTS["en"]] * 30 + [TEXTS["de"]]) == ()


def test_texts_without_stop_words_are_not_doubted() -> None:
    left = [w for w in TEXTS["de"].split() if w.strip(".,").lower() not in listed_words("de")]
    assert notes([" ".join(left)] * 3) == ()


def test_few_words_names_and_code_are_not_doubted() -> None:
    assert notes(["Die Hard", "Das Boot", "Der Spiegel"]) == ()
    assert (
        notes(["Angela de la Cruz met Otto von Bismarck and Leonardo da Vinci in Rome"] * 3) == ()
    )
    code = "def spell(entries): return [splitter(entry) for entry in entries if entry is not None]"
    assert notes([code] * 9) == ()


def test_stop_words_that_are_given_are_not_doubted() -> None:
    assert notes([TEXTS["de"]] * 3, stop_words=None) == ()
    assert notes([TEXTS["de"]] * 3, stop_words=["und", "die"]) == ()
    (note,) = notes([TEXTS["de"]] * 3, stop_words="english")
    assert note.endswith('give stop_words="de" (--stop-words de).')


def test_frequent_short_words_of_an_unlisted_language_are_told() -> None:
    rng = np.random.default_rng(0)
    rare = [f"{a}{b}{c}om" for a in "kltrv" for b in "aeiou" for c in "bdfgjmnpqstvwxz"]
    short = ("oz", "eta", "ere", "ziro", "ezan", "zuen")

    def texts(between: tuple[str, ...]) -> list[str]:
        return [
            " ".join(
                word for pair in zip(rng.choice(rare, 12), [fix] * 12, strict=True) for word in pair
            )
            for fix in between * 40
        ]

    (note,) = notes(texts(short))
    assert note.startswith("the most frequent words left look like stop words of another language")
    assert '"eta"' in note and "stop_words=" in note
    assert notes(texts(short), stop_words=list(short)) == ()
    assert notes(texts(tuple(word * 2 for word in short))) == ()


def test_new_texts_of_another_language_than_the_vocabulary() -> None:
    corpus = pt.Corpus.from_texts([TEXTS["en"]] * 3, **KEEP)
    with pytest.warns(TextWarning, match="the vocabulary is of another language"):
        pt.Corpus.from_texts([TEXTS["fr"]] * 3, vocabulary=corpus.vocabulary)
    assert not pt.Corpus.from_texts([TEXTS["en"]], vocabulary=corpus.vocabulary).dropped.notes
    terms = ["wetter", "kindern", "stadt", "straße"]
    assert not pt.Corpus.from_texts([TEXTS["de"]], vocabulary=terms).dropped.notes


def test_shards_say_what_memory_says(tmp_path: Path) -> None:
    texts = [TEXTS["de"]] * 6
    lines = tmp_path / "briefe.txt"
    lines.write_text("\n".join(texts), encoding="utf-8")
    with pytest.warns(TextWarning, match="the texts look German"):
        shards = pt.shard(lines, tmp_path / "shards", **KEEP)
    assert shards.dropped.notes == notes(texts)


def test_a_word_is_listed_as_texts_hold_it() -> None:
    known = languages_of_words()
    for code, word in {"he": "אבל", "el": "και", "tr": "altmış", "hu": "első", "ro": "și"}.items():
        assert code in known[word], word


def test_shares_are_of_all_words() -> None:
    found = likenesses({"und": 3, "In": 1, "haus": 4}, "en")
    german = next(one for one in found if one.language == "de")
    assert (german.share, german.own) == (0.5, 0.375)  # "in" is English, too
    assert german.different == 1.0
