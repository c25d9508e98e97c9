"""What waits in the queue, and what became of it. A value; :mod:`bawaslu_sync.queue` keeps it."""

import datetime as dt
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self
from uuid import uuid4

Kind = Literal["complaint", "finding", "evidence"]
State = Literal["waiting", "parked", "sent", "dropped"]
NAMED_LANES = frozenset({"open", "sealed"})
KEYS_KEPT = dt.timedelta(days=13)
"""The server knows a key for 14 days. What may have arrived longer ago is not sent again by itself."""


@dataclass(frozen=True, repr=False)
class Item:
    """One thing to send. The repr is its number and state: the rest is protected.

    ``key`` is the Idempotency-Key, made with the item. ``sent`` is the body as it went out the first
    time: a repetition has to be the same to the byte. ``tried_on`` is when a try began whose end is not
    known; None once the server answered. ``name`` is a reporter's identity, kept until the server has it
    sealed; ``receipt`` is theirs and kept until it is handed over.
    """

    kind: Kind
    added_at: str
    number: int = 0
    key: str = field(default_factory=lambda: uuid4().hex)
    state: State = "waiting"
    body: dict[str, Any] = field(default_factory=dict)
    name: dict[str, str] | None = None
    sent: str = ""
    tried_at: str = ""
    problem: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    receipt: str = ""
    for_item: int = 0
    for_record: str = ""
    file: dict[str, Any] | None = None
    place: dict[str, str] | None = None

    def __repr__(self) -> str:
        return f"Item({self.number}, {self.kind}, {self.state})"

    def to_json(self) -> dict[str, Any]:
        """Return JSON values; the number is the row's."""
        told = asdict(self)
        del told["number"]
        return told

    @classmethod
    def from_json(cls, number: int, told: dict[str, Any]) -> Self:
        """Read :meth:`to_json`."""
        return cls(number=number, **told)

    @property
    def is_unsure(self) -> bool:
        """Whether a try began whose end nobody here knows."""
        return bool(self.tried_at)

    def is_past_asking(self, now: dt.datetime) -> bool:
        """Whether the server may have forgotten the key of such a try: sending again could double."""
        return self.is_unsure and now - dt.datetime.fromisoformat(self.tried_at) > KEYS_KEPT

    def with_file(self) -> Self:
        """Return a complaint that says that files follow."""
        return replace(self, body=self.body | {"has_files": True})

    def refused(self, problem: dict[str, Any]) -> Self:
        """Return it parked: the server answered, so nothing of it is there."""
        return replace(self, state="parked", problem=problem, tried_at="", sent="")

    def anew(self, **changes: Any) -> Self:
        """Return it waiting again under a new key, as something else to send."""
        fresh: dict[str, Any] = {"state": "waiting", "key": uuid4().hex, "sent": "", "tried_at": ""}
        return replace(self, **(fresh | {"problem": None, "place": None} | changes))

    def done(self, answer: dict[str, Any], *, receipt: str = "") -> Self:
        """Return it sent: of what was sent nothing is kept but what the server calls it."""
        return replace(
            self,
            state="sent",
            answer=answer,
            receipt=receipt,
            body={},
            name=None,
            sent="",
            tried_at="",
            problem=None,
        )
