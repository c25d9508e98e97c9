"""What the desk adds to a seeded complaint: who has it, labels, NIP, links, people, plenary decisions.

Rows of the same shape as the services write, by the same COPY as ``seeding.py``.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from bawaslu_cases.accounts.models import RoleGrant, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Office
from complaints.models import (
    ComplaintTag,
    EvidenceLink,
    PlenaryDecision,
    PlenaryVote,
    ReportedPerson,
    Tag,
)
from complaints.services.people import name_key

CASE_DECISIONS = 1_000_000_000
"""Keys of decisions on cases begin here; those on records carry the record's own."""
KNOWN_NIP = "196501011990031001"
LINK = "https://www.tiktok.com/@warga.satu/video/{number}"
FIRST_LINK = 7_300_000_000_000_000_000
MEMBERS = 3
NO_DIGEST = "0" * 64


class Rows(Protocol):
    """Where rows wait to be copied."""

    def add(self, model: Any, **values: Any) -> None:
        """Add one row."""


@dataclass(frozen=True)
class Desk:
    """Officers and one label of each office, by the office's key; members of one plenary."""

    officers: dict[int, list[int]]
    tags: dict[int, int]
    members: Sequence[int]


def staffed() -> Desk:
    """Return two officers and a label of each office; make whoever is missing. Nobody can sign in."""
    offices = list(Office.objects.order_by("pk").values_list("pk", flat=True))
    wanted = {f"desk-{office}-{n}@bench.invalid": office for office in offices for n in (1, 2)}
    known = set(User.objects.filter(email__in=wanted).values_list("email", flat=True))
    made = User.objects.bulk_create(
        User(email=email, name=f"Bench {email[:12]}", office_id=office, password="!")
        for email, office in wanted.items()
        if email not in known
    )
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=Role.CASE_OFFICER) for user in made)
    tagged = set(Tag.objects.values_list("office", flat=True))
    Tag.objects.bulk_create(
        Tag(office_id=office, name="kampanye") for office in offices if office not in tagged
    )
    officers: dict[int, list[int]] = {}
    for pk, office in User.objects.filter(office__isnull=False).values_list("pk", "office"):
        officers.setdefault(office, []).append(pk)
    return Desk(
        officers=officers,
        tags=dict(Tag.objects.values_list("office", "pk")),
        members=next(iter(officers.values()))[:1]
        + [pks[0] for pks in officers.values()][1:MEMBERS],
    )


def assignee_of(desk: Desk, office: int, rng: random.Random) -> int | None:
    """Return who has an open row in hand: two in three rows are somebody's."""
    return rng.choice(desk.officers[office]) if rng.random() < 0.67 else None  # noqa: PLR2004


def nip_of(n: int, rng: random.Random) -> str:
    """Return a NIP for one official in ten; that of record 1 is KNOWN_NIP."""
    if n == 1:
        return KNOWN_NIP
    if rng.random() >= 0.1:  # noqa: PLR2004
        return ""
    return f"19{rng.randrange(65, 99)}0101{rng.randrange(1990, 2020)}031{n % 1000:03d}"


def add_work(
    tables: Rows, n: int, desk: Desk, rng: random.Random, *, office: int, received: date
) -> None:
    """Add a label to one record in ten and a link to one in ten."""
    if rng.random() < 0.1:  # noqa: PLR2004
        tables.add(ComplaintTag, complaint_id=n, tag_id=desk.tags[office])
    if n == 1 or rng.random() < 0.1:  # noqa: PLR2004
        # A post that spreads is sent in by several.
        post = FIRST_LINK + n - n % 3
        tables.add(
            EvidenceLink,
            public_id=UUID(int=rng.getrandbits(128), version=4),
            complaint_id=n,
            platform="tiktok",
            kind="video",
            key=f"tiktok:video:{post}",
            clean_url=LINK.format(number=post),
            added_on=received,
        )


def add_person(tables: Rows, n: int, rng: random.Random, *, name: str, since: date) -> int:
    """Add the register's row for an official of a case; return its key."""
    tables.add(
        ReportedPerson,
        id=n,
        public_id=UUID(int=rng.getrandbits(128), version=4),
        name=name,
        name_key=name_key(name),
        since=since,
    )
    return n


def add_decision(
    tables: Rows,
    desk: Desk,
    *,
    outcome: str,
    at: datetime,
    complaint: int | None = None,
    case: int | None = None,
) -> None:
    """Add what the plenary decided, unanimously, with the vote of each member."""
    key = complaint if complaint is not None else CASE_DECISIONS + (case or 0)
    tables.add(
        PlenaryDecision,
        id=key,
        complaint_id=complaint,
        case_id=case,
        outcome=outcome,
        minutes_number=f"{key % 1000:03d}/BA/Pleno/{at.year}",
        decided_on=at.date(),
        members_present=MEMBERS,
        in_favour=MEMBERS,
        quorum=2,
        minutes_digest=NO_DIGEST,
        recorded_by_id=desk.members[0],
    )
    for member in desk.members:
        tables.add(PlenaryVote, decision_id=key, member_id=member, in_favour=True)
