"""What a result is asked: methods that hand on to the functions of the files beside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self

from polytopic.metrics import Collapse
from polytopic.result.diagnosing import diagnosed
from polytopic.result.edits import edited
from polytopic.result.explaining import Explanation, explain
from polytopic.result.naming import topic_names
from polytopic.result.questions import Found, find
from polytopic.result.record import Record

__all__ = ["AskedRecord"]


class AskedRecord(Record):
    """A record that answers questions."""

    def find(
        self,
        query: str,
        *,
        n_topics: int = 5,
        n_documents: int = 10,
        vectors: Any = None,
        by: Literal["theta", "vectors", "words"] | None = None,
    ) -> Found:
        """Topics and documents that go with words or a text.

        Topics by theta of the query where the model is at hand, by cosines where word vectors are
        given, else by the mean of p(topic | word) over its words. Documents by how probable the
        query is in them, by their own words and by their topics' (Wei & Croft, SIGIR 2006), or by
        cosines.

        Parameters
        ----------
        query : str
            Read as the corpus was; words that are not known are named in the answer.
        n_topics, n_documents : int
            How many to name at most.
        vectors : WordVectors, optional
            They may know words that the corpus has not.
        by : {"theta", "vectors", "words"}, optional
            How topics are compared, if not as above.

        Raises
        ------
        InputError
            If the query is empty or none of its words is known; the message names them.
        """
        return find(self, query, n_topics=n_topics, n_documents=n_documents, vectors=vectors, by=by)

    def explain(self, document: int) -> Explanation:
        """Which topic each word of a document speaks for, and how certainly.

        By the model where it is at hand: p(topic | word, document) of mixtures, one word left out
        at a time for products. Without it, or where it reads more than counts, by theta and the
        topics' words. Shown in colours in a notebook; ``print`` names the topics.

        Parameters
        ----------
        document : int
            Its row.

        Raises
        ------
        InputError
            If there is no such document, or it holds no term of the vocabulary.
        """
        return explain(self, document)

    def colour(self, document: int) -> Explanation:
        """A document with each word in the colour of its topic (after Blei, CACM 2012).

        Printed in a terminal, shown as HTML in a notebook; the same as :meth:`explain`.
        """
        return self.explain(document)

    def diagnose(
        self,
        *,
        held_out: Any = None,
        reference: Any = None,
        vectors: Any = None,
        sources: Any = None,
    ) -> Collapse:
        """The diagnosis, with a verdict on every topic from several sides.

        Parameters
        ----------
        held_out : Corpus or counts, optional
            Documents that no one learned from. By default each tenth of the result's own in turn,
            by words ranked without it.
        reference : Corpus, lists of tokens, WordVectors or callable, optional
            What topics are held against from outside: another text, or vectors of words.
        vectors : WordVectors, mapping, array of shape (V, E) or callable, optional
            By default the words' own neighbours in the documents.
        sources : D entries, or the name of a column of ``metadata``, optional
            Who wrote or published each document; by default a column called author, source, user
            or the like.

        Returns
        -------
        Collapse
            ``.verdicts`` has one a topic; ``.sentences()`` says what is the matter.

        Raises
        ------
        InputError
            If the documents are fewer than a hundred, or what is given knows no pair of the words,
            or does not fit.
        """
        return diagnosed(
            self, held_out=held_out, reference=reference, vectors=vectors, sources=sources
        )

    def name_topics(
        self,
        by: Literal["words", "c-tf-idf", "vectors"] | Callable[[str], str] = "words",
        *,
        vectors: Any = None,
        cache: str | Path | None = None,
        keep: bool = True,
    ) -> Self:
        """A result whose topics have names; nothing is fetched from anywhere.

        The names are one edit, as of :meth:`TopicResult.rename`, which ``undo`` takes back.

        Parameters
        ----------
        by : {"words", "c-tf-idf", "vectors"} or callable
            Telling words, and phrases that stand in the topic's documents, by relevance (Sievert &
            Shirley 2014) or by class-based tf-idf (Grootendorst 2022); the words nearest to the
            topic's centre among word vectors (the idea of KeyBERT); or a function from a prompt,
            which holds words and beginnings of documents, to a name: a language model of yours. An
            answer of several lines, of more than 80 characters or with markup, and a function that
            raises, leave a topic its name by words, which a warning tells.
        vectors : WordVectors, optional
            For "vectors"; by default made of the counts.
        cache : path, optional
            A JSON file in which answers of the function are kept: it is asked once for a prompt.
        keep : bool
            Whether topics that have a name keep it.

        Raises
        ------
        InputError
            If ``by`` is none of these, or the function gives no usable name for any topic.
        """
        names = topic_names(self, by, vectors=vectors, cache=cache, keep=keep)
        given = {str(k): name for k, name in enumerate(names) if name != self.names[k]}
        return edited(self, {"rename": given}) if given else self
