"""Who asks the database, as the database itself is told it (ADR 0050).

A request of the web is a stretch of work in which no row of a scoped table is in sight, until who asks is
known and takes a scope. The database's wrapper compares what is wanted here with what its connection holds,
before each statement and each transaction, so nothing has to be given back and nothing can be forgotten.
Outside a stretch (worker, commands, the owner) nothing is asked here: the role that signed in decides.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.http import HttpRequest, HttpResponse


class Sight(StrEnum):
    """What a lesser role of the web sees; the value is the end of the role's name, "" the web's own."""

    NOTHING = ""
    NATION = "nation"
    OFFICE = "office"
    RECIPIENT = "recipient"
    AGENCY = "agency"
    REPORTER = "reporter"


LESSER: Final = tuple(sight for sight in Sight if sight)
"""Every role that the web may become."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One sight and whose: an office's path, or the key of a recipient body, an agency, a record."""

    sight: Sight
    whose: str = ""


NOTHING: Final = Scope(Sight.NOTHING)
NATION: Final = Scope(Sight.NATION)

SETTING: Final = {
    Sight.OFFICE: "app.wilayah",
    Sight.RECIPIENT: "app.unit",
    Sight.AGENCY: "app.unit",
    Sight.REPORTER: "app.record",
}
"""Where the connection keeps whose sight it is: a multirange of offices' keys, or one key."""


class _Stretch:
    """One request: what it may see now."""

    __slots__ = ("scope",)

    def __init__(self) -> None:
        self.scope = NOTHING


_STRETCH: ContextVar[_Stretch | None] = ContextVar("row_scopes", default=None)


def wanted() -> Scope | None:
    """Return what may be seen now; None outside a stretch. No query."""
    stretch = _STRETCH.get()
    return None if stretch is None else stretch.scope


def take(scope: Scope) -> None:
    """Let the rest of the stretch see this and nothing else; outside one nothing happens. No query."""
    stretch = _STRETCH.get()
    if stretch is not None:
        stretch.scope = scope


def take_record(key: int) -> None:
    """Let a reporter's stretch see one record: the one it makes, or that its code opened. No query.

    Whoever has a sight of their own keeps it: an officer's finding is made in the officer's sight.
    """
    stretch = _STRETCH.get()
    if stretch is not None and stretch.scope.sight in {Sight.NOTHING, Sight.REPORTER}:
        stretch.scope = Scope(Sight.REPORTER, str(key))


@contextmanager
def beyond(why: str) -> Iterator[None]:
    """See the country inside the block or function; ``why`` says what for. No query.

    Each use stands with its reason in tests/architecture/test_row_sight.py.
    """
    if not why:
        raise ValueError("a look beyond one's own sight has a reason")
    stretch = _STRETCH.get()
    if stretch is None:
        yield
        return
    before, stretch.scope = stretch.scope, NATION
    try:
        yield
    finally:
        # What was taken inside (who a token names) stays.
        if stretch.scope is NATION:
            stretch.scope = before


@contextmanager
def stretch_of_work() -> Iterator[None]:
    """Begin a stretch in which nothing is in sight; what was before comes back after it."""
    token = _STRETCH.set(_Stretch())
    try:
        yield
    finally:
        _STRETCH.reset(token)


GetResponse = Callable[[HttpRequest], HttpResponse]


class RowScopeMiddleware:
    """Make each request a stretch of its own, to the last byte of an answer that is sent in pieces."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. No query."""
        token = _STRETCH.set(_Stretch())
        try:
            response = self.get_response(request)
            if response.streaming:
                streamed: Any = response
                streamed.streaming_content = _resumed(_STRETCH.get(), streamed.streaming_content)
            return response
        finally:
            _STRETCH.reset(token)


def _resumed(stretch: _Stretch | None, pieces: Any) -> Iterator[bytes]:
    """Make each piece in the stretch that began the answer."""
    iterator = iter(pieces)
    while True:
        token = _STRETCH.set(stretch)
        try:
            piece = next(iterator)
        except StopIteration:
            return
        finally:
            _STRETCH.reset(token)
        yield piece
