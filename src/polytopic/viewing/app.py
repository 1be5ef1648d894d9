"""What the server answers: the page of a run, lists of documents, a document. Reading only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from polytopic.errors import PolytopicError
from polytopic.io.records import in_one_line
from polytopic.viewing.pages import PAGE, POLICY, document_page, list_page, message_page
from polytopic.viewing.snapshot import Snapshot, Viewed

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["HOSTS", "make_app"]

HOSTS = ("127.0.0.1", "localhost")
"""Names by which this server may be called: a page of elsewhere whose name was made to lead here
(DNS rebinding) calls it by its own."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

LONGEST_QUERY = 200
"""Characters of a search: as many as its field takes."""


class NotThereError(PolytopicError):
    """What was asked for is not in the run."""

    code: ClassVar[str] = "PT110"


def make_app(viewed: Viewed) -> Starlette:
    """The application of a run; each address is answered to GET and HEAD alone."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    def answering(make: Callable[[Snapshot, Request], str | bytes], policy: str) -> Route:
        def answer(request: Request) -> Response:
            headers = HEADERS | {"Content-Security-Policy": policy}
            try:
                return HTMLResponse(make(viewed.now(), request), headers=headers)
            except NotThereError as error:
                return _told(str(error), 404)
            except PolytopicError as error:
                return _told(f"{error} (The run may be changing: load the page again.)", 503)
            except Exception as error:  # noqa: BLE001 (a server answers, whatever is wrong)
                return _told(f"The page could not be made ({in_one_line(error)}).", 500)

        answer.__name__ = make.__name__
        return Route(f"/{make.__name__.strip('_')}".replace("/page", "/"), answer, methods=["GET"])

    def _refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _told(error.detail, error.status_code)

    return Starlette(
        routes=[
            answering(_page, "frame-ancestors 'none'"),
            answering(_documents, POLICY),
            answering(_document, POLICY),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False)
        ],
        exception_handlers={HTTPException: _refused},
    )


def _told(text: str, status: int) -> Response:
    from starlette.responses import HTMLResponse

    headers = HEADERS | {"Content-Security-Policy": POLICY}
    return HTMLResponse(message_page(text), status_code=status, headers=headers)


def _page(now: Snapshot, request: Request) -> bytes:
    """The report."""
    return now.page


def _documents(now: Snapshot, request: Request) -> str:
    """A list: all documents, those of a topic, those that hold words, a page of it."""
    topic = _whole(request, "topic")
    page = _whole(request, "page") or 0
    query = " ".join(request.query_params.get("q", "")[:LONGEST_QUERY].split())
    if topic is not None and topic >= len(now.topics):
        raise NotThereError(f"There is no topic {topic}: topics are 0 to {len(now.topics) - 1}.")
    if query and not now.documents.has_texts:
        raise NotThereError("The run keeps no texts, so that there is nothing to search.")
    rows = now.documents.rows(topic=topic, words=query.split())
    if page and page * PAGE >= len(rows):
        raise NotThereError(f"There is no page {page} of {len(rows):,} documents.")
    return list_page(now, rows, topic=topic, query=query, page=page, stale=_stale(now, request))


def _document(now: Snapshot, request: Request) -> str:
    """One document, by its row or by its id; ``which`` is an id if there is such a one."""
    asked = request.query_params
    stale = _stale(now, request)
    row = _whole(request, "row")
    if row is None:
        name = asked.get("id", asked.get("which", "").strip())
        found = now.documents.with_id(name)
        if len(found) > 1:
            return list_page(now, found[:PAGE], topic=None, query="", page=0, stale=stale)
        row = int(found[0]) if len(found) else None
        if row is None and "which" in asked and name.isdecimal():
            row = int(name[:_DIGITS])
        if row is None:
            raise NotThereError(f'There is no document with the id "{name[:LONGEST_QUERY]}".')
    if row >= len(now.documents):
        raise NotThereError(
            f"There is no document {row}: rows are 0 to {len(now.documents) - 1:,}."
        )
    return document_page(now, row, stale=stale)


_DIGITS = 15
"""Of a number in an address: more is no row."""


def _whole(request: Request, name: str) -> int | None:
    """A whole number from an address; None where it is not given."""
    given = request.query_params.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= _DIGITS):
        raise NotThereError(f'{name}: "{given[:LONGEST_QUERY]}" is no whole number from 0 on.')
    return int(given)


def _stale(now: Snapshot, request: Request) -> bool:
    """Whether the link is of a page that was made of an earlier state of the run."""
    return request.query_params.get("v", now.version) != now.version
