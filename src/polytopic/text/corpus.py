"""The corpus: documents as counts and as sequences of term ids, with what belongs to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from polytopic.text.documents import CountedDocuments
from polytopic.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from polytopic.text.phrases import Collocations

__all__ = ["Corpus"]


class Corpus(CountedDocuments):
    """Documents as counts of terms and as sequences of term ids; what it holds never changes.

    Made by :meth:`from_texts`, :meth:`from_frame`, :meth:`from_tokens`, :meth:`from_counts`,
    :meth:`load` and :func:`polytopic.read`; out of what other packages hold by :meth:`from_gensim`,
    :meth:`from_bunch`, :meth:`from_octis` and :meth:`from_topmost`.

    Attributes
    ----------
    counts : scipy.sparse.csr_matrix of int32, shape (D, V)
        How often each term occurs in each document; column indices rise within a row.
    vocabulary : Vocabulary
        The V terms in column order, with the frequencies of the corpus it was built from.
    tokens : int32 array of shape (N,), or None
        Term ids of all documents in reading order; an n-gram term is one token. None if the corpus
        was made from counts, which know no order.
    offsets : int64 array of shape (D+1,), or None
        Document d is ``tokens[offsets[d]:offsets[d + 1]]``.
    labels, ids, dates : arrays of D entries, or None
    metadata : dict of str to arrays of D entries
        Columns by their names: of the labels that a reader was asked for, ``labels`` is the first.
    texts : sequence of D str, or None
        The raw documents (the list that was given, or a polars Series), never a second copy.
    dropped : Dropped
        What was left out and why; ``print(corpus.dropped.describe())``.

    >>> corpus = Corpus.from_texts(["Cells divide.", "A cell divides; cells grow."])
    >>> corpus.vocabulary.terms
    ['cells', 'cell', 'divide', 'divides', 'grow']
    >>> corpus.counts.toarray().tolist()
    [[1, 0, 1, 0, 0], [1, 1, 0, 1, 1]]
    """

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        *,
        labels: ArrayLike | None = None,
        ids: ArrayLike | None = None,
        dates: ArrayLike | None = None,
        vocabulary: Vocabulary | Sequence[str] | None = None,
        language: str | None = None,
        stop_words: str | Path | Iterable[str] | None = "language",
        lowercase: bool | None = None,
        min_df: int | float | None = None,
        max_df: int | float | None = None,
        max_terms: int | None = 30_000,
        token_pattern: str | None = None,
        tokenizer: Callable[[str], Sequence[str]] | None = None,
        ngrams: int | Collocations | None = None,
        clean: str | Sequence[str] | None = "auto",
        keep_texts: bool = True,
        n_threads: int | None = None,
    ) -> Corpus:
        r"""Count the terms of raw texts.

        A word is a run of letters, marks and digits of any script, two characters or longer, with
        at least one letter; an apostrophe joins ("don't"), an underscore divides, except that
        English drops the possessive ``'s`` and Catalan, French and Italian divide at an apostrophe.
        Text is composed (NFC), folded (ligatures, full width, vowel marks of Arabic and Hebrew) and
        lower-cased. Documents without text stay as empty rows, so that rows line up with the input.
        The result is the same for any number of threads.

        Parameters
        ----------
        texts : column of D str
            Of any kind, read by position. A list is kept by reference as ``corpus.texts``.
        labels, ids, dates : columns of D entries, optional
            Labels and ids keep their spelling. Dates may be strings or numbers in any usual form
            ("2019-03-01", "2019-Q3", "March 1, 2019", 20190301, seconds since 1970); their NumPy
            unit says what they name, and ``corpus.dropped`` tells what could not be read.
        vocabulary : Vocabulary or list of str, optional
            Count these terms only; ``min_df``, ``max_df`` and ``max_terms`` don't apply. Terms that
            it lacks are counted in ``corpus.dropped``. Its n-gram terms ("new_york") are joined
            wherever their words meet; with a ``token_pattern`` or ``tokenizer``, whose words may
            hold underscores of their own, only if ``ngrams`` is given too.
        language : str, optional
            ISO code or English name; by default that of a given vocabulary's corpus, or English.
        stop_words : "language", str, iterable of str, or None
            Words to leave out: those of ``language`` (the default), of a language named here, the
            ones listed, those of a file (a Path), or none. They are split like the text; an entry
            of several words, "new york", is a phrase: its words go where they stand together.
        lowercase : bool, optional
            By default as the corpus of a given vocabulary, or True.
        min_df, max_df : int (documents) or float (share of the documents), optional
            Keep terms in at least and at most so many documents. By default at least 5 documents
            (1, 2 or 3 when there are fewer than 20, 200 or 1,000, which ``dropped`` tells) and at
            most half of them (any number under 20 documents).
        max_terms : int or None
            Keep the most frequent terms, ties by spelling.
        token_pattern : str, optional
            A regular expression instead of the rule above, or of a given vocabulary's corpus;
            ``SKLEARN_PATTERN`` gives scikit-learn's words to the letter, at full speed.
        tokenizer : callable from str to a sequence of str, optional
            It gets the lower-cased text; blanks and bare punctuation are dropped and counted.
        ngrams : int or Collocations, optional
            Join collocations into one term, "new_york": of up to so many words by the default
            settings, or as given.
        clean : "auto", None, or names of steps
            Steps of :mod:`polytopic.text.cleaning` that drop what is no text, each counted in
            ``corpus.dropped``: by default all but "drop_duplicates", or those of the vocabulary.
        keep_texts : bool
            Whether ``corpus.texts`` holds the documents.
        n_threads : int, optional
            By default one a processor.

        Raises
        ------
        InputError
            If an entry is no str, columns don't fit, all documents are empty, or the rules leave no
            term; the message names the row or the rule, and what to do.
        """
        from polytopic.text.building import build_from_texts
        from polytopic.text.options import TextOptions

        options = TextOptions(
            vocabulary=vocabulary,
            language=language,
            stop_words=stop_words,
            lowercase=lowercase,
            min_df=min_df,
            max_df=max_df,
            max_terms=max_terms,
            token_pattern=token_pattern,
            tokenizer=tokenizer,
            ngrams=ngrams,
            clean=clean,
            keep_texts=keep_texts,
            n_threads=n_threads,
        )
        return build_from_texts(texts, options, labels=labels, ids=ids, dates=dates)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        text: str | Sequence[str] | None = None,
        label: str | Sequence[str] | None = None,
        id: str | None = None,
        date: str | None = None,
        url: str | None = None,
        **options: Any,
    ) -> Corpus:
        """Count the terms of a data frame's texts: a row a document, read by position.

        Parameters
        ----------
        frame : table of pandas, polars (lazy too) or pyarrow, or a dict of columns
        text, label, id, date, url : str, or for text and label a list of str, optional
            Names of columns, as for :func:`polytopic.read`; missing texts are empty documents.
        **options
            Those of :meth:`from_texts`.

        Raises
        ------
        InputError
            If a column is missing, or holds something else than texts; the message names it.

        >>> frame = {"body": ["cells grow", "cells divide"], "stars": [5, 1], "city": ["a", "b"]}
        >>> corpus = Corpus.from_frame(frame, text="body", label=["stars", "city"])
        >>> corpus.labels.tolist(), corpus.metadata["city"].tolist()
        ([5, 1], ['a', 'b'])
        """
        from polytopic.text.frames import read_frame

        return read_frame(frame, text=text, label=label, id=id, date=date, url=url, **options)

    @classmethod
    def from_tokens(
        cls,
        token_lists: Iterable[Sequence[str]],
        *,
        labels: ArrayLike | None = None,
        ids: ArrayLike | None = None,
        dates: ArrayLike | None = None,
        vocabulary: Vocabulary | Sequence[str] | None = None,
        stop_words: str | Iterable[str] | None = None,
        min_df: int | float | None = 1,
        max_df: int | float | None = 1.0,
        max_terms: int | None = None,
        ngrams: int | Collocations | None = None,
        n_threads: int | None = None,
    ) -> Corpus:
        """Count terms that are already split: D lists of str. By default every token stays.

        Parameters are those of :meth:`from_texts`.

        Raises
        ------
        InputError
            If a document is not a sequence of str, or the rules leave no term.

        >>> Corpus.from_tokens([["b", "a", "b"], ["a"]]).counts.toarray().tolist()
        [[1, 2], [1, 0]]
        """
        from polytopic.text.building import build_from_tokens
        from polytopic.text.options import TextOptions

        options = TextOptions(
            vocabulary=vocabulary,
            stop_words=stop_words,
            min_df=min_df,
            max_df=max_df,
            max_terms=max_terms,
            ngrams=ngrams,
            n_threads=n_threads,
        )
        return build_from_tokens(token_lists, options, labels=labels, ids=ids, dates=dates)

    @classmethod
    def from_counts(
        cls,
        counts: Any,
        terms: Vocabulary | Sequence[str],
        *,
        labels: ArrayLike | None = None,
        ids: ArrayLike | None = None,
        dates: ArrayLike | None = None,
        texts: Sequence[str] | None = None,
    ) -> Corpus:
        """Take counts as they are: any sparse or dense array of shape (D, V), and V terms.

        Columns keep their order. There is no reading order: ``tokens`` is None.

        Raises
        ------
        InputError
            If counts are negative, fractional or not finite, or the terms don't fit.

        >>> Corpus.from_counts([[2, 0], [1, 3]], ["a", "b"]).vocabulary.counts.tolist()
        [3, 3]
        """
        from polytopic.text.building import build_from_counts

        return build_from_counts(counts, terms, labels=labels, ids=ids, dates=dates, texts=texts)

    @classmethod
    def from_gensim(
        cls,
        documents: Any,
        dictionary: Any = None,
        *,
        labels: ArrayLike | None = None,
        ids: ArrayLike | None = None,
        dates: ArrayLike | None = None,
        texts: Sequence[str] | None = None,
    ) -> Corpus:
        """Take a corpus of gensim: lists of (number of the term, count), and the terms.

        Parameters
        ----------
        documents : iterable of D lists of (int, int), or path
            What ``dictionary.doc2bow`` gives, any corpus of gensim, or a file in MatrixMarket's
            format (``.mm``, packed or not).
        dictionary : gensim's Dictionary, dict, list of str, or path
            A dict of numbers to terms, or of terms to numbers; a path is a file of
            ``dictionary.save_as_text``. What gensim's ``save`` writes is a pickle and never read.

        Raises
        ------
        InputError
            If there is no dictionary, it lacks a number, or the numbers are no counts.

        >>> Corpus.from_gensim([[(0, 2)], [(0, 1), (1, 3)]], {0: "a", 1: "b"}).counts.toarray()
        array([[2, 0],
               [1, 3]], dtype=int32)
        """
        from polytopic.text.counted.gensim_corpora import read_gensim

        columns = {"labels": labels, "ids": ids, "dates": dates, "texts": texts}
        return read_gensim(documents, dictionary, **columns)

    @classmethod
    def from_bunch(cls, bunch: Any, **options: Any) -> Corpus:
        """Count the terms of a dataset of scikit-learn, such as ``fetch_20newsgroups()``.

        Names of targets become the labels, names of files the ids; ``options`` are those of
        :meth:`from_texts`.

        Raises
        ------
        InputError
            If it holds no texts, or bytes.
        """
        from polytopic.text.counted.bunches import read_bunch

        return read_bunch(bunch, **options)

    @classmethod
    def from_octis(cls, path: str | Path, part: str | None = None) -> Corpus:
        """Read a folder of OCTIS: ``corpus.tsv`` (text, part, label) and ``vocabulary.txt``.

        Texts are divided at blanks, their terms are those of the vocabulary; ``part``, "train",
        "val" or "test", takes its documents only. ``metadata`` holds "part" and "label".

        Raises
        ------
        FileMissingError, InputError
            If a file is missing, or there is no such part.
        """
        from polytopic.text.counted.folders import read_octis

        return read_octis(path, part)

    @classmethod
    def from_topmost(cls, path: str | Path, part: str = "train") -> Corpus:
        """Read a folder of TopMost: ``train_bow.npz``, ``vocab.txt`` and what lies beside them.

        Of ``part``, "train" or "test", ``_texts.txt``, ``_labels.txt`` and ``_times.txt`` are
        taken where they are there.

        Raises
        ------
        FileMissingError, InputError
            If a file is missing, or they do not fit each other.
        """
        from polytopic.text.counted.folders import read_topmost

        return read_topmost(path, part)

    def save(self, path: str | Path) -> Path:
        """Write the corpus to a folder (safetensors, parquet and JSON), in one step.

        Raises
        ------
        InputError
            If the folder holds other files, or cannot be written.
        """
        from polytopic.text.storage import save_corpus

        return save_corpus(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Corpus:
        """Read back what :meth:`save` wrote.

        Raises
        ------
        FileMissingError, CheckpointError
            If it is missing, cut short, altered, of a newer format, or no corpus.
        """
        from polytopic.text.storage import load_corpus

        return load_corpus(path)
