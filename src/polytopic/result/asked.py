"""What a result is asked: methods that hand on to the functions of the files beside."""

from __future__ import annotations

from typing import Any, Literal

from polytopic.result.explaining import Explanation, explain
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
