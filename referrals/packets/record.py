"""The minimal record that leaves the house: an allow-list per kind of recipient, and nothing else.

Every value is named here one by one; a field that a model gains appears nowhere by itself (check
K01). Nothing of an intake record is read: no statement, no receipt, no milestone, no day on which
anybody told anything (security/protection.md 0.9; Perbawaslu 7/2022 ps 49). The letter is drawn from
this record alone, so what it does not hold no letter says.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import translation
from django.utils.functional import Promise

from bawaslu_cases.registry.models import (
    Category,
    RecipientBody,
    RecipientKind,
    SanctionClass,
)
from bawaslu_cases.shared.prepared import Prepared
from complaints.models import Case, Derivative, Evidence, Official, PlenaryDecision
from complaints.rules.election_law import election_law_bases
from referrals.models import Referral, ReferralAttachment, ReferralItem

FORMAT = "bawaslu-referral/1"
"""The declared schema of these keys is ``docs/referral-record.schema.json``."""


class Audience(StrEnum):
    """What a recipient is there for decides how much of a case it is told."""

    CIVIL_SERVICE = "civil_service"
    CRIME_CHECK = "crime_check"
    OTHER = "other"


def audience_of(recipient: RecipientBody) -> Audience:
    """Return what a body may be told; a kind that this table does not know is told least."""
    known = {
        RecipientKind.CIVIL_SERVICE: Audience.CIVIL_SERVICE,
        RecipientKind.CRIME_CHECK: Audience.CRIME_CHECK,
    }
    return known.get(RecipientKind(recipient.kind), Audience.OTHER)


_BASE = (
    *("format", "audience", "version", "recipient", "office", "place", "matter", "bases"),
    *("suspicion", "summary", "people", "evidence"),
)

FIELDS: Mapping[Audience, tuple[str, ...]] = {
    Audience.CIVIL_SERVICE: (*_BASE, "assessment", "minutes"),
    Audience.CRIME_CHECK: (*_BASE, "assessment", "minutes"),
    Audience.OTHER: _BASE,
}
"""What each kind is told of the whole; assessment and minutes by PB7 ps 49 ayat (2) and (4)."""

_PERSON_BASE = ("name", "position", "unit", "agency")
_ALLEGATION_BASE = ("event_on", "place", "rule_code", "rule", "category", "legal_bases")

PERSON_FIELDS: Mapping[Audience, tuple[str, ...]] = {
    Audience.CIVIL_SERVICE: (*_PERSON_BASE, "nip", "grade", "ppk", "ppk_conflict"),
    Audience.CRIME_CHECK: (*_PERSON_BASE, "nip"),
    Audience.OTHER: _PERSON_BASE,
}
"""What each kind is told of a reported person. Only a civil-service body needs the PPK."""

ALLEGATION_FIELDS: Mapping[Audience, tuple[str, ...]] = {
    Audience.CIVIL_SERVICE: (
        *_ALLEGATION_BASE,
        "sanction_class",
        "sanction_types",
        "departure",
    ),
    Audience.CRIME_CHECK: _ALLEGATION_BASE,
    Audience.OTHER: ("event_on", "rule_code", "rule"),
}
"""What each kind is told of an allegation. Sanctions are nobody's business but the civil service's."""

SKB_DAY = date(2022, 9, 22)

SKB = (
    "Keputusan Bersama Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi, Menteri "
    "Dalam Negeri, Kepala Badan Kepegawaian Negara, Ketua Komisi Aparatur Sipil Negara, dan Ketua "
    "Badan Pengawas Pemilihan Umum tanggal 22 September 2022 tentang Pedoman Pembinaan dan "
    "Pengawasan Netralitas Pegawai Aparatur Sipil Negara dalam Penyelenggaraan Pemilihan Umum dan "
    "Pemilihan"
)


_LINES = Prepared(
    lambda referral: (
        ReferralItem.objects.filter(referral=referral)
        .select_related("official", "agency", "rule", "allegation")
        .order_by("pk")
    )
)
_DECISION = Prepared(
    lambda case: PlenaryDecision.objects.filter(Q(case=case) | Q(complaint__cases=case)).order_by(
        "-pk"
    )[:1]
)
_ATTACHED = Prepared(
    lambda referral: (
        ReferralAttachment.objects.filter(referral=referral)
        .select_related("copy__file", "copy__evidence")
        .order_by("pk")
    )
)


def draft_record(
    *, referral: Referral, on: date, copies: Sequence[Derivative] | None = None
) -> dict[str, Any]:
    """Return everything the packet will say but its number and day: what a second person approves.

    ``on`` is the day whose law is cited; ``copies`` are the attachments where the caller has them at
    hand. Three queries (items, minutes, attachments) when the caller selected
    ``case__office__region``, ``case__contest`` and ``recipient``.
    """
    case = referral.case
    office = case.office
    audience = audience_of(referral.recipient)
    lines = _LINES.rows(referral=referral.pk)
    items = [line for line in lines if line.version == referral.version]
    told = {
        "format": FORMAT,
        "audience": audience.value,
        "version": referral.version,
        "recipient": referral.recipient.name,
        "office": office.name,
        "place": office.region.short_name if office.region else "Jakarta",
        "matter": _matter(case),
        "bases": legal_bases(case, items, on=on),
        "suspicion": _suspicion(items, audience),
        "summary": _paragraphs(referral.summary),
        "assessment": _paragraphs(case.assessment),
        "minutes": _minutes(case),
        "people": _people(items, audience),
        "evidence": _evidence(attached_copies(referral) if copies is None else copies),
    }
    return {name: told[name] for name in FIELDS[audience]}


def numbered(draft: Mapping[str, Any], *, number: str, on: date) -> dict[str, Any]:
    """Return the record as it leaves: the approved draft with its number and the letter's day."""
    return {**draft, "number": number, "issued_on": on.isoformat()}


def record_day(referral: Referral, at: datetime) -> date:
    """Return the office's own day at ``at``."""
    return at.astimezone(ZoneInfo(referral.case.office.time_zone)).date()


def _matter(case: Case) -> str:
    """Name what the letter is about: a registered finding or report, or one sent on without a register.

    A report without a register has only its record's own name, which begins with the lane it came in;
    the letter's number is what it goes by.
    """
    if case.register_number is None:
        return "Laporan yang diteruskan tanpa registrasi"
    kind = "Temuan" if case.source == "TM" else "Laporan"
    return f"{kind} Nomor {case.register_number}"


def legal_bases(case: Case, items: Iterable[ReferralItem], *, on: date) -> list[str]:
    """Return point 1 of the form: the election law of the contest, and the SKB since its day."""
    bases = election_law_bases(case.contest.regime if case.contest else "", on=on)
    if any(item.allegation.event_on >= SKB_DAY for item in items):
        bases.append(SKB)
    return bases


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.splitlines() if part.strip()]


def _minutes(case: Case) -> dict[str, str]:
    """Name the plenary's minutes that decided on the case; empty where it was sent on without one."""
    held = _DECISION.rows(case=case.pk)
    if not held:
        return {}
    (decision,) = held
    return {"number": decision.minutes_number, "decided_on": decision.decided_on.isoformat()}


def _suspicion(items: Iterable[ReferralItem], audience: Audience) -> str:
    """Name the tracks concerned: ethics, discipline, or both; to whom looks at the crime, that."""
    if audience is Audience.CRIME_CHECK:
        return "ketentuan pidana pemilihan"
    tracks = {item.rule.category for item in items}
    words = {Category.ETHICS: "kode etik", Category.DISCIPLINE: "disiplin"}
    named = " dan ".join(words[track] for track in Category if track in tracks)
    return f"netralitas pegawai Aparatur Sipil Negara ({named})"


def _people(items: Iterable[ReferralItem], audience: Audience) -> list[dict[str, Any]]:
    """Return one data sheet per official, in the order of the items."""
    sheets: dict[int, dict[str, Any]] = {}
    for item in items:
        told = _person(item.official, item)
        sheet = sheets.setdefault(
            item.official_id,
            {name: told[name] for name in PERSON_FIELDS[audience]} | {"allegations": []},
        )
        alleged = _allegation(item)
        sheet["allegations"].append({name: alleged[name] for name in ALLEGATION_FIELDS[audience]})
    return list(sheets.values())


def _person(official: Official, item: ReferralItem) -> dict[str, Any]:
    return {
        "name": official.name,
        "nip": official.nip,
        "position": official.position,
        "grade": official.grade,
        "unit": official.unit,
        "agency": item.agency.name,
        "ppk": item.ppk_title,
        "ppk_conflict": item.ppk_conflict,
    }


def _allegation(item: ReferralItem) -> dict[str, Any]:
    return {
        "event_on": item.allegation.event_on.isoformat(),
        "place": item.allegation.place,
        "rule_code": item.rule.code,
        "rule": item.rule.title_id,
        "category": _in_indonesian(Category(item.rule.category).label),
        "legal_bases": list(item.legal_bases),
        "sanction_class": _in_indonesian(SanctionClass(item.sanction_class).label),
        "sanction_types": [f"{each['name']} ({each['basis']})" for each in item.sanction_types],
        "departure": item.departure_reason,
    }


NEVER_FROM_REPORTERS = frozenset({Evidence.Kind.IMAGE, Evidence.Kind.TEXT, Evidence.Kind.UNKNOWN})
"""A picture shows whose telephone it was, a text is the reporter's words (protection.md C)."""


def attached_copies(referral: Referral) -> list[Derivative]:
    """Return the copies that go with a referral, in their order. One query."""
    return [row.copy for row in _ATTACHED.rows(referral=referral.pk)]


def _evidence(copies: Sequence[Derivative]) -> list[dict[str, Any]]:
    """Return the list of evidence: each approved copy by its own digest, never an original's (K10)."""
    return [
        {
            "number": number,
            "file_name": attachment_name(number, copy),
            "media_type": copy.content_type,
            "size_bytes": copy.size_bytes,
            "sha256": bytes(copy.sha256).hex(),
        }
        for number, copy in enumerate(copies, start=1)
    ]


def attachment_name(number: int, copy: Derivative) -> str:
    """Return what a copy is called in the packet; nothing of the name it came under."""
    return f"bukti-{number:02}.{copy.extension}"


def _in_indonesian(label: str | Promise) -> str:
    # a worker has no language of its own, and the reader's must not change an official letter
    with translation.override("id"):
        return str(label)
