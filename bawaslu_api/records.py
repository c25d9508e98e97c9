"""What the API tells, as frozen records. A field that a newer server adds is passed over."""

import datetime as dt
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from bawaslu_api.errors import AnswerError, ProblemError, problem_of

RecordT = TypeVar("RecordT")


@dataclass(frozen=True)
class Office:
    """The client's office. ``level`` is RI, PROVINCE or REGENCY."""

    code: str
    name: str
    level: str


@dataclass(frozen=True)
class Me:
    """The client as the server knows it."""

    id: UUID
    name: str
    purpose: str
    office: Office
    region: str
    scopes: list[str]
    expires_at: dt.datetime
    server_time: dt.datetime


@dataclass(frozen=True)
class Call:
    """One line of the client's own call log; ``ms`` are milliseconds on the server."""

    at: dt.datetime
    method: str
    route: str
    status: int
    ms: int


@dataclass(frozen=True)
class Official:
    """A reported person."""

    id: UUID
    name: str
    position: str = ""
    unit: str = ""
    unit_kind: str = ""
    agency: str | None = None
    employment: str = ""


@dataclass(frozen=True)
class Complaint:
    """A report of lane ``open`` or a finding. ``etag`` is there when it was read by itself."""

    id: UUID
    reference: str
    lane: str
    status: str
    office: str
    region: str
    title: str
    received_on: dt.date
    status_on: dt.date | None = None
    contest: str | None = None
    acts: list[str] = field(default_factory=list)
    event_on: dt.date | None = None
    event_precision: str = ""
    place: str = ""
    platform: str = ""
    due_on: dt.date | None = None
    case: UUID | None = None
    officials: list[Official] = field(default_factory=list)
    etag: str = ""


@dataclass(frozen=True)
class Allegation:
    """What one official is said to have done."""

    id: UUID
    acts: list[str]
    official: Official
    event_on: dt.date | None = None
    place: str = ""


@dataclass(frozen=True)
class Case:
    """A registered case, or one assessed without a register number."""

    id: UUID
    register_number: str | None
    status: str
    office: str
    title: str
    status_on: dt.date | None = None
    contest: str | None = None
    summary: str = ""
    registered_on: dt.date | None = None
    due_on: dt.date | None = None
    decision: str | None = None
    complaints: list[UUID] = field(default_factory=list)
    allegations: list[Allegation] = field(default_factory=list)
    etag: str = ""


@dataclass(frozen=True)
class Deadline:
    """A statutory time limit of a record or a case."""

    id: UUID
    kind: str
    status: str
    starts_on: dt.date
    due_on: dt.date
    complaint: UUID | None = None
    case: UUID | None = None
    limit: str | None = None
    due_at: dt.datetime | None = None
    ended_on: dt.date | None = None
    time_zone: str = ""


@dataclass(frozen=True)
class ReferralLine:
    """What is recommended for one official and allegation."""

    official: UUID
    sanction_class: str
    allegation: UUID | None = None
    rule: str | None = None
    legal_bases: Any = None
    agency: str | None = None
    is_departure: bool = False


@dataclass(frozen=True)
class Referral:
    """A referral to a recipient body, in its newest version."""

    id: UUID
    case: UUID
    recipient: str
    status: str
    version: int
    number: str | None = None
    status_on: dt.date | None = None
    due_on: dt.date | None = None
    summary: str = ""
    lines: list[ReferralLine] = field(default_factory=list)
    etag: str = ""


@dataclass(frozen=True)
class FollowUp:
    """What became of a recommendation at the employing official (PPK)."""

    id: UUID
    referral: UUID
    official: Official
    status: str
    agency: str | None = None
    ppk_title: str = ""
    recommended_class: str = ""
    recommended_on: dt.date | None = None
    status_on: dt.date | None = None
    due_on: dt.date | None = None
    imposed: str | None = None
    gap: str | None = None


@dataclass(frozen=True, repr=False)
class Relayed:
    """What an office gets for a complaint it sent on. ``id`` is None where it may not read the record.

    ``receipt`` belongs to the reporter: hand it over and do not keep it. The repr does not show it.
    """

    lane: str
    received_on: dt.date
    receipt: str
    id: UUID | None = None
    reference: str | None = None
    due_on: dt.date | None = None
    upload_token: str | None = None
    is_replay: bool = False

    def __repr__(self) -> str:
        return f"Relayed(lane={self.lane!r}, reference={self.reference!r}, …)"


@dataclass(frozen=True)
class Finding:
    """A finding as it was recorded."""

    id: UUID
    reference: str
    lane: str
    status: str
    received_on: dt.date
    due_on: dt.date | None = None
    is_replay: bool = False


@dataclass(frozen=True)
class BatchResult:
    """What became of one complaint of a batch: ``complaint``, or ``problem`` why not."""

    key: str
    status: int
    complaint: Relayed | None = None
    problem: ProblemError | None = None


@dataclass(frozen=True)
class Upload:
    """A file on the server: ``received`` of ``length`` bytes are there."""

    id: UUID
    length: int
    received: int = 0
    is_whole: bool = False


@dataclass(frozen=True)
class Proposal:
    """A step that the client suggested, and what an officer made of it."""

    id: UUID
    complaint: UUID
    action: str
    reason: str
    status: str
    made_at: dt.datetime
    requirements: dict[str, bool] = field(default_factory=dict)
    settled_at: dt.datetime | None = None
    answer: str = ""


Record = Complaint | Case | Deadline | Referral | FollowUp
KINDS: dict[str, type[Any]] = {
    "complaint": Complaint,
    "case": Case,
    "deadline": Deadline,
    "referral": Referral,
    "follow_up": FollowUp,
}


@dataclass(frozen=True)
class Change:
    """One record that changed. ``raw`` is it as it came; None where it left the client's sight."""

    kind: str
    id: UUID
    raw: Mapping[str, Any] | None

    @property
    def is_removal(self) -> bool:
        """Whether the record is to be taken out of a mirror."""
        return self.raw is None

    @property
    def record(self) -> Record | None:
        """The record, typed; None for a removal and for a kind this client does not know yet."""
        kind = KINDS.get(self.kind)
        return None if self.raw is None or kind is None else record_of(kind, self.raw)


@dataclass(frozen=True)
class ChangePage:
    """Some changes; keep ``cursor`` together with what they made."""

    items: Sequence[Change]
    cursor: str
    has_more: bool
    server_time: dt.datetime


def record_of(kind: type[RecordT], told: Mapping[str, Any], **more: Any) -> RecordT:
    """Return a record from JSON. Raises AnswerError where a needed field is not there or not of its type."""
    values: dict[str, Any] = dict(more)
    with understanding():
        for name, hint, is_needed in _shape(cast("Any", kind)):
            if name in told:
                values[name] = _value(hint, told[name])
            elif is_needed and name not in values:
                raise ValueError(f"{kind.__name__} without {name}")
    return kind(**values)


@contextmanager
def understanding() -> Iterator[None]:
    """Turn what goes wrong in reading an answer into AnswerError, without the answer's words."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AnswerError(f"an answer of an unknown shape ({type(error).__name__})") from None


def change_page(told: Mapping[str, Any]) -> ChangePage:
    """Return a page of the change feed."""
    with understanding():
        items = [
            Change(str(each["kind"]), UUID(str(each["id"])), each.get("record"))
            for each in told["items"]
        ]
        time = dt.datetime.fromisoformat(told["server_time"])
        return ChangePage(items, str(told["cursor"]), bool(told["has_more"]), time)


def batch_result(told: Mapping[str, Any]) -> BatchResult:
    """Return one result of a batch."""
    with understanding():
        key, status = str(told["key"]), int(told["status"])
        relayed, problem = told.get("complaint"), told.get("problem")
    is_replay = bool(told.get("replayed"))
    return BatchResult(
        key=key,
        status=status,
        complaint=record_of(Relayed, relayed, is_replay=is_replay) if relayed else None,
        problem=problem_of(status, problem) if problem else None,
    )


@cache
def _shape(kind: type[Any]) -> Sequence[tuple[str, Any, bool]]:
    hints = get_type_hints(kind)
    return [
        (each.name, hints[each.name], each.default is MISSING and each.default_factory is MISSING)
        for each in fields(kind)
    ]


def _value(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (inner,) = (each for each in get_args(hint) if each is not type(None))
        return _value(inner, value)
    if origin is list:
        return [_value(get_args(hint)[0], each) for each in _typed(list, value)]
    if origin is dict:
        return dict(_typed(dict, value))
    return _single(hint, value)


def _single(hint: Any, value: Any) -> Any:
    if hint is Any:
        return value
    if hint is UUID:
        return UUID(_typed(str, value))
    if hint is dt.datetime:
        return dt.datetime.fromisoformat(_typed(str, value))
    if hint is dt.date:
        return dt.date.fromisoformat(_typed(str, value))
    if hasattr(hint, "__dataclass_fields__"):
        return record_of(hint, _typed(dict, value))
    return _typed(hint, value)


def _typed(kind: type[RecordT], value: Any) -> RecordT:
    if not isinstance(value, kind):
        raise ValueError(f"expected {kind.__name__}")  # noqa: TRY004 -- what came is wrong, not the call
    return value
