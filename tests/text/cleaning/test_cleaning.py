"""Cleaning: what each step takes and spares, the account, and the same for new documents."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from polytopic.errors import InputError
from polytopic.text import Corpus, Dropped, read
from polytopic.text.cleaning import AUTO, Cleaner, clean_steps, repeated
from polytopic.text.cleaning.duplicates import PERMUTATIONS

RAW = {"stop_words": None, "min_df": 1, "max_df": 1.0, "max_terms": None}


def cleaned(text: str, *steps: str) -> str:
    return " ".join(next(Cleaner(steps or AUTO)([text])).split())


def uuencoded(data: bytes) -> str:
    lines = [
        binascii.b2a_uu(data[i : i + 45]).decode().rstrip("\n") for i in range(0, len(data), 45)
    ]
    return "\n".join(["begin 644 file.zip", *lines, "`", "end"])


NOISE = np.random.default_rng(0).bytes(400)


@pytest.mark.parametrize(
    ("step", "text", "left"),
    [
        ("html", "<p>One<br/>two &amp; three&nbsp;four</p>", "One two & three four"),
        ("html", "un<b>believ</b>able &lt;3 &quot;x&quot; &#39;s", 'unbelievable <3 "x" \'s'),
        ("html", "&amp;nbsp;a&amp;quot;b &lt;br&gt;c &lt;br/&gt;", 'a"b c'),
        ("html", "x<script>var utm = 1;</script><style>p{font:serif}</style><p>y", "x y"),
        ("html", '<a href="http://x.org/?utm_source=y">read</a> <!-- no --> more', "read more"),
        ("html", "<td>a<td>b <p>if x<y and 3 < 4 then z</p>", "a b if x<y and 3 < 4 then z"),
        ("urls", "see https://t.co/abc, www.x.org/y?z=1 bit.ly/2x t.co/q end", "see end"),
        ("urls", "看http://t.cn/abc这是（www.x.cn）好", "看 这是（ ）好"),
        ("urls", "et al./or 3.com 1/2 and/or", "et al./or 3.com 1/2 and/or"),
        ("addresses", "<a.b+c@x-y.org> or @user_1: @名字 hi, 5 @ 3, @5am", "or : hi, 5 @ 3, @5am"),
        ("retweets", "RT @user: start via @me ART", "@user: start @me ART"),
        ("encoded", f"a\n{uuencoded(NOISE)}\nb", "a b"),
        ("encoded", f"a {base64.b64encode(NOISE).decode()} b", "a b"),
        ("encoded", f"a {base64.encodebytes(NOISE).decode()} b", "a b"),
        ("encoded", f"sha {hashlib.sha256(b'x').hexdigest()}", "sha"),
        ("encoded", "id 123e4567-e89b-12d3-a456-426614174000.", "id ."),
        ("encoded", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\nhi\n"
                    "-----BEGIN PGP SIGNATURE-----\n\niQx\n-----END PGP SIGNATURE-----", "hi"),
        ("quotes", "On Mon, 3 May\nAnn Lee wrote:\n> old\n>> older\nJL> more\n\nMine", "Mine"),
        ("quotes", "In article <1@x>\na@b.c (A) writes:\n>old\nnew", "new"),
        ("quotes", "ok\n-----Original Message-----\nFrom: A\nSent: May\nbody", "ok body"),
        ("signatures", "text\n-- \nJoe Doe\nACME", "text"),
        ("signatures", "text\nSent from my iPhone", "text"),
        ("headers", "Message-ID: <1@x>\nFrom: a@b.c\n\tz\nSubject: Re: fwd: Price\nX-To: b\n\nAll",
         "Price All"),
    ],
)  # fmt: skip
def test_what_a_step_takes(step: str, text: str, left: str) -> None:
    assert cleaned(text, step) == left


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d, <3, x<y>z, AT&T, R&D; p&notit; &c;",
        "#include <stdio.h> vector<int> List<Object> Map<K, V> a->b if (a<b && c>d) x;",
        "He said: the T>0 case, c>1 strings. -- a dash -- and more",
        "Donaudampfschifffahrtsgesellschaftskapitän 1234567890123456789 internationalization",
        "#SinghaParkInternationalBalloonFiesta2018 BardetBoussaadaChouikhaStrelcyn2010x",
        "pub/VISION-LIST-ARCHIVE/SHAREWARE/LaboImage_3 2-Dimyristoyl-sn-glycero-3-phosphocholine",
        "> the whole text is quoted\n> and so it stays",
        "Subject: one line is no head of a mail",
        "> 50 % of them said so\nThe rest did not",
        "As Kant writes:\nact so",
        "Kant writes: act so. ratio 3:4 and START here",
        "plain text, é 漢字 ไทย \ud83d half a pair",
    ],
)  # fmt: skip
def test_what_stays(text: str) -> None:
    assert next(Cleaner(AUTO)([text])) is text


def test_a_long_text_after_two_dashes_is_no_signature() -> None:
    text = "start\n--\n" + "line\n" * 20
    assert cleaned(text, "signatures") == " ".join(text.split())


def test_half_a_surrogate_pair_beside_html() -> None:
    assert cleaned("<p>a\ud83d &amp; b</p>", "html").startswith("a")


def test_the_account_counts_and_shows() -> None:
    texts = ["<p>word</p>", "see www.a.org/x or www.b.org", "mail a@b.org", "www.c.org", "word"]
    corpus = Corpus.from_texts(texts, **RAW)
    html, urls, addresses = corpus.dropped.cleaned
    assert (html.step, html.documents, html.pieces, html.examples) == (
        "html",
        1,
        2,
        ("<p>", "</p>"),
    )
    assert (urls.documents, urls.pieces) == (2, 3) and addresses.pieces == 1
    assert corpus.dropped.emptied == 1 and corpus.dropped.empty_documents == 1
    told = corpus.dropped.describe()
    assert (
        'cleaning (urls): links, 3 in 2 documents: "www.a.org/x", "www.b.org", "www.c.org".' in told
    )
    assert "1 document of 5 held no text, 1 of them after cleaning" in told
    assert Dropped.from_dict(json.loads(json.dumps(corpus.dropped.to_dict()))) == corpus.dropped
    assert corpus.texts is texts and len(corpus) == 5


def test_off_and_named_steps() -> None:
    text = "<p>word www.a.org</p>"
    for off in (None, "none", ()):
        corpus = Corpus.from_texts([text], clean=off, **RAW)
        assert next(corpus.token_lists()) == ["word", "www", "org"] and not corpus.dropped.cleaned
    assert next(Corpus.from_texts([text], clean="urls", **RAW).token_lists()) == ["word"]
    assert clean_steps(["urls", "encoded"]) == ("encoded", "urls")
    with pytest.raises(InputError, match=r'clean: there is no step "url". Steps are encoded, html'):
        Corpus.from_texts([text], clean=["url"])


def lines_of(n: int) -> list[str]:
    rng = np.random.default_rng(1)
    own = [" ".join(f"w{x}" for x in rng.integers(0, 5000, 12)) for _ in range(n)]
    line = "Copyright 2020-{}: ALL rights reserved, ACME.\nfine day"
    return [f"{body}\n{line.format(row)}" for row, body in enumerate(own)]


def test_lines_that_stand_in_many_documents_go() -> None:
    texts = lines_of(12)
    corpus = Corpus.from_texts(texts, **RAW)
    assert "copyright" not in corpus.vocabulary and "fine" in corpus.vocabulary
    (account,) = corpus.dropped.cleaned
    assert (account.step, account.documents, account.pieces) == ("repeated_lines", 12, 12)
    assert account.examples == ("copyright all rights reserved acme",)
    for n, there in ((repeated.FEWEST_DOCUMENTS - 1, True), (repeated.FEWEST_DOCUMENTS, False)):
        assert ("copyright" in Corpus.from_texts(texts[:n], **RAW).vocabulary) is there
    once = Corpus.from_texts(["all rights reserved acme"] * 20, **RAW)
    assert len(once.vocabulary) == 4  # a document of one line is no boilerplate
    same = Corpus.from_texts(["a line of words\n" * 20 + "end", "other text here"], **RAW)
    assert "line" in same.vocabulary  # many times in one document


@pytest.mark.parametrize("size", [64, 4096])
def test_lines_do_not_depend_on_blocks_and_threads(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    from polytopic.text import counting

    texts = [*lines_of(30), "", "one", *lines_of(15)]
    whole = Corpus.from_texts(texts, n_threads=1, **RAW)
    monkeypatch.setattr(counting, "BLOCK_CHARACTERS", size)
    monkeypatch.setattr(counting, "_SLICE_TOKENS", 16)
    for n_threads in (1, 3):
        cut = Corpus.from_texts(iter(texts), n_threads=n_threads, keep_texts=False, **RAW)
        assert list(cut.token_lists()) == list(whole.token_lists())
        assert cut.dropped == whole.dropped


def near_copies(n: int, changed: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(n):
        words = [f"w{x}" for x in rng.integers(0, 3000, 200)]
        texts.append(" ".join(words))
        for place in rng.choice(200, changed, replace=False):
            words[place] = "other"
        texts.append(" ".join(words))
    return texts


def test_duplicates_are_found_told_and_kept() -> None:
    texts = [
        *near_copies(20, 2),
        "Great place here, go now!",
        "great  place here go NOW",
        "ok",
        "ok",
    ]
    corpus = Corpus.from_texts(texts, **RAW)
    exact, near = corpus.dropped.cleaned
    assert exact.documents == 1 and exact.examples == ("row 41",)
    assert 18 <= near.documents <= 20 and "nearly repeat an earlier one (kept)" in near.what
    assert not (corpus.counts.sum(axis=1) == 0).any()
    different = Corpus.from_texts(near_copies(20, 100), **RAW)
    assert different.dropped.cleaned == ()


def test_near_copies_far_apart_are_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.text import counting

    pairs = near_copies(20, 1)
    monkeypatch.setattr(counting, "_SLICE_TOKENS", 600)
    corpus = Corpus.from_texts([*pairs[::2], *pairs[1::2]], **RAW)
    (near,) = corpus.dropped.cleaned
    assert near.documents >= 18
    assert min(int(example.split()[1]) for example in near.examples) >= 20


def test_drop_duplicates_leaves_the_first() -> None:
    texts = [
        "one two three four five six",
        "other words stand here too",
        "one two three four five six",
    ]
    corpus = Corpus.from_texts(texts, clean="drop_duplicates", **RAW)
    assert [len(words) for words in corpus.token_lists()] == [6, 5, 0]
    assert "documents that repeat an earlier one (dropped)" in corpus.dropped.describe()
    again = Corpus.from_texts(texts, vocabulary=corpus.vocabulary, stop_words=None)
    assert [len(words) for words in again.token_lists()] == [6, 5, 6]  # each by itself
    assert PERMUTATIONS % 8 == 0


def test_new_documents_are_cleaned_like_the_old_ones(tmp_path: Path) -> None:
    texts = [f"{text} https://x.org/{row}" for row, text in enumerate(lines_of(12))]
    corpus = Corpus.from_texts(texts, **RAW)
    kept = Corpus.load(corpus.save(tmp_path / "c")).vocabulary
    for row in (0, 5):
        again = Corpus.from_texts([texts[row]], vocabulary=kept, stop_words=None)
        assert np.array_equal(again.counts.toarray(), corpus.counts[[row]].toarray())
        assert again.dropped.tokens == 12 + 2
    bare = Corpus.from_texts(texts, clean=None, **RAW)
    again = Corpus.from_texts([texts[0]], vocabulary=bare.vocabulary, stop_words=None)
    assert np.array_equal(again.counts.toarray(), bare.counts[[0]].toarray())
    named = Corpus.from_texts([texts[0]], vocabulary=bare.vocabulary, clean="urls", stop_words=None)
    assert "https" in bare.vocabulary and named.dropped.tokens < again.dropped.tokens


def test_streams_are_cleaned_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    from polytopic.text import cleaning

    monkeypatch.setattr(cleaning, "_GROUP", 4)
    held: list[int] = []

    def stream() -> Iterator[str]:
        for row in range(40):
            held.append(row)
            yield f"<p>word{row}</p>"

    cleaner = Cleaner(AUTO)
    passed = cleaner(stream())
    assert next(passed) and len(held) == 4
    assert len(list(passed)) == 39 and cleaner.account()[0].pieces == 80


def test_files_read_without_their_texts_are_cleaned(tmp_path: Path) -> None:
    rows = [{"text": f"<b>word</b> body{row} www.a.org"} for row in range(5)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    corpus = read(tmp_path / "a.jsonl", keep_texts=False, **RAW)
    assert corpus.vocabulary.terms[0] == "word" and "www" not in corpus.vocabulary
    assert corpus.dropped.cleaned[0].pieces == 10


def test_marks_that_are_never_closed_take_no_text_with_them() -> None:
    signature = "-----BEGIN PGP SIGNATURE-----\n"
    texts = [f"{signature * 3}engine fuel", "genes <!-- cells <b>divide</b>", "z" * 90 + "1 wheel"]
    corpus = Corpus.from_texts(texts, min_df=1, stop_words=None, max_df=1.0)
    kept = [set(words) for words in corpus.token_lists()]
    assert {"engine", "fuel"} <= kept[0]
    assert "genes" in kept[1]
    assert {"z" * 90 + "1", "wheel"} == kept[2]
