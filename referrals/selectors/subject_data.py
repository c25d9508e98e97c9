"""What somebody is told of the data that is held on them: an allow-list, of decided cases alone.

Nothing here reads a reporter, a statement, evidence, a day of receipt, where a case came from, or who
opened what (check K20). Numbers of cases and referrals name the lane a case came in by, so none is told.
Of a matter that is still being looked into nothing is told, not even whether there is one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.utils import translation
from django.utils.functional import Promise

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Employment, Office, SanctionClass
from bawaslu_cases.registry.selectors import acts_by_code
from bawaslu_cases.shared.nip import normal_nip
from complaints.matching.names import name_parts
from complaints.models import (
    Allegation,
    Case,
    CorrectionRequest,
    Hearing,
    Official,
    PlenaryDecision,
)
from complaints.states import CaseAction, CaseStatus, CorrectionStatus, HearingStatus
from referrals.models import Delivery, FollowUp, LedgerEntry, SubjectRequest
from referrals.packets.leaks import leaks_in
from referrals.packets.sources import case_leak_sources
from referrals.states import OPEN_SUBJECT_STATUSES, EntryKind

FORMAT = "bawaslu-subject-data/1"
DECIDED = (CaseStatus.DECIDED, CaseStatus.REFERRED, CaseStatus.CLOSED, CaseStatus.STOPPED)
"""What the person may know of: the plenary has decided."""
MOST = 200
TOLD_ENTRIES = (
    EntryKind.RECOMMENDED,
    EntryKind.IMPOSED,
    EntryKind.NOT_PROVEN,
    EntryKind.APPEAL_FILED,
    EntryKind.APPEAL_DECIDED,
    EntryKind.DROPPED,
)
_PURPOSE = (
    "Penanganan dugaan pelanggaran netralitas ASN dalam pemilihan umum dan pemilihan kepala daerah."
)
_BASES = (
    "UU Nomor 7 Tahun 2017",
    "UU Nomor 20 Tahun 2023",
    "Peraturan Bawaslu Nomor 7 Tahun 2022",
)
_NOT_TOLD = (
    "Identitas, keterangan, dan bukti orang lain tidak termasuk (UU 27/2022 ps 33).",
    "Data dalam penanganan yang belum diputus, bila ada, dikecualikan (UU 27/2022 ps 15 ayat (1) huruf b).",
)


@dataclass(frozen=True)
class Candidate:
    """An official of a decided case who may be the person that asks, as an officer chooses among them."""

    official: Official
    case: Case
    is_same_number: bool


def candidates(request: SubjectRequest, *, viewer: User) -> list[Candidate]:
    """Return the officials with this number or name in decided cases that the viewer sees. Two queries.

    The office's own cases and those below it: another office answers for its own.
    """
    key = " ".join(sorted(name_parts(request.name)))
    seen = _cases_of(request.office, viewer)
    rows = (
        Allegation.objects.filter(case__in=seen)
        .select_related("official__agency", "case__office")
        .order_by("-case_id", "pk")
    )
    number = normal_nip(request.nip)
    found: dict[int, Candidate] = {}
    for row in rows.filter(official__nip=number)[:MOST] if number else ():
        found[row.official_id] = Candidate(row.official, row.case, is_same_number=True)
    last = max(name_parts(request.name), key=len, default="")
    for row in rows.filter(official__name__icontains=last)[:MOST] if last else ():
        other = row.official.nip and number and row.official.nip != number
        if not other and " ".join(sorted(name_parts(row.official.name))) == key:
            found.setdefault(
                row.official_id, Candidate(row.official, row.case, is_same_number=False)
            )
    return list(found.values())


def _cases_of(office: Office, viewer: User) -> Any:
    below = Office.objects.under(office.path).values("pk")
    return Case.objects.visible_to(viewer).filter(status__in=DECIDED, office__in=below)


@dataclass(frozen=True)
class SubjectData:
    """What an answer says, as plain data, and how many texts of it were left out."""

    record: dict[str, Any]
    withheld: int


def subject_data(
    *, request: SubjectRequest, officials: Sequence[Official], viewer: User
) -> SubjectData:
    """Return what is held on these officials, who are the person that asks.

    Nine queries, and seven a case for what must not be repeated. A text in which anything of a reporter,
    witness or officer was found is left out and counted.
    """
    with translation.override("id"):
        cases = _cases_of(request.office, viewer).filter(allegations__official__in=officials)
        told = [
            _case(case, officials)
            for case in cases.distinct()
            .select_related("office")
            .prefetch_related(
                Prefetch(
                    "allegations",
                    queryset=Allegation.objects.filter(official__in=officials)
                    .select_related("official__agency")
                    .order_by("event_on", "pk"),
                    to_attr="own_allegations",
                )
            )
            .order_by("pk")
        ]
    told.sort(key=lambda pair: (pair[0]["decided_on"] or "", pair[0]["office"]))
    record = {
        "format": FORMAT,
        "office": request.office.name,
        "name": request.name,
        "purpose": _PURPOSE,
        "bases": list(_BASES),
        "not_told": list(_NOT_TOLD),
        "cases": [case for case, _withheld in told],
    }
    return SubjectData(record, sum(withheld for _case, withheld in told))


def _case(case: Any, officials: Sequence[Official]) -> tuple[dict[str, Any], int]:
    sources = case_leak_sources(case)
    withheld = 0

    def clean(text: str) -> str:
        nonlocal withheld
        found = leaks_in({"place": text}, sources) if text else []
        # a statement that only a desk opens cannot be compared; that is no finding about this text
        if any(each.code != "sealed_statement" for each in found):
            withheld += 1
            return ""
        return text

    ids = [official.pk for official in officials]
    labels = acts_by_code()
    decision = _decision(case)
    zone = ZoneInfo(case.office.time_zone)
    people = {row.official_id: row.official for row in case.own_allegations}
    told = {
        "office": case.office.name,
        "status": _plain(CaseStatus(case.status).label),
        "decision": _plain(CaseAction(case.decision).label) if case.decision else "",
        "decided_on": decision.isoformat() if decision else "",
        "about_you": [_person(official, clean) for official in people.values()],
        "allegations": [
            {
                "acts": [_plain(labels[code].label_id) for code in row.acts if code in labels],
                "event_on": row.event_on.isoformat(),
                "place": clean(row.place),
            }
            for row in case.own_allegations
        ],
        "heard_on": [
            at.astimezone(zone).date().isoformat() if at else ""
            for at in Hearing.objects.filter(
                case=case,
                official__in=ids,
                capacity=Hearing.Capacity.REPORTED,
                status=HearingStatus.HEARD,
                held_at__isnull=False,
            )
            .order_by("held_at")
            .values_list("held_at", flat=True)
        ],
        "told_to": _recipients(case, zone),
        "sanctions": _sanctions(case, ids),
        "corrections": [
            {
                "filed_on": row.filed_on.isoformat(),
                "status": _plain(CorrectionStatus(row.status).label),
            }
            for row in CorrectionRequest.objects.filter(case=case, official__in=ids).order_by("pk")
        ],
    }
    return told, withheld


def _person(official: Official, clean: Any) -> dict[str, str]:
    agency = official.agency
    return {
        "name": official.name,
        "nip": official.nip,
        "position": clean(official.position),
        "grade": clean(official.grade),
        "unit": clean(official.unit),
        "agency": agency.name if agency else clean(official.agency_text),
        "employment": _plain(Employment(official.employment).label),
    }


def _decision(case: Case) -> date | None:
    return (
        PlenaryDecision.objects.filter(case=case)
        .order_by("-decided_on", "-pk")
        .values_list("decided_on", flat=True)
        .first()
    )


def _recipients(case: Case, zone: ZoneInfo) -> list[dict[str, str]]:
    """Return who received data of the case, and when the first letter reached them."""
    rows = (
        Delivery.objects.filter(referral__case=case)
        .order_by("delivered_at")
        .values_list("referral__recipient__name", "delivered_at")
    )
    firsts: dict[str, str] = {}
    for name, at in rows:
        firsts.setdefault(name, at.astimezone(zone).date().isoformat())
    agencies = FollowUp.objects.filter(referral__case=case).order_by("pk")
    for title, on in agencies.values_list("ppk_title", "recommended_on"):
        firsts.setdefault(title, on.isoformat())
    return [{"name": name, "on": on} for name, on in firsts.items()]


def _sanctions(case: Case, ids: Iterable[int]) -> list[dict[str, str]]:
    rows = LedgerEntry.objects.filter(
        follow_up__referral__case=case,
        follow_up__official__in=ids,
        kind__in=TOLD_ENTRIES,
        replaced_by=None,
    ).select_related("sanction_type", "agency")
    return [
        {
            "what": _plain(EntryKind(row.kind).label),
            "on": row.happened_on.isoformat(),
            "agency": row.agency.name,
            "class": _plain(SanctionClass(row.sanction_class).label) if row.sanction_class else "",
            "type": _plain(row.sanction_type.name) if row.sanction_type else "",
            "decree": row.decree_number,
        }
        for row in rows.order_by("happened_on", "pk")
    ]


def _plain(words: str | Promise) -> str:
    return str(words)


def recent_requests(user: User) -> list[SubjectRequest]:
    """Return the latest requests of the person's scope, open ones first. One query."""
    rows = SubjectRequest.objects.visible_to(user).select_related("office")
    found = list(rows[:MOST])
    return sorted(found, key=lambda row: row.status not in OPEN_SUBJECT_STATUSES)
