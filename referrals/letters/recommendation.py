"""The recommendation of a suspected breach of other law (form B.17), with a data sheet per person.

Built from an allow-list: the referral, its items, the case's register number, the reported person
and the registry. Nothing here reads a complaint, a statement, a receipt or a milestone, so nothing
of a reporter can get into the file (security/protection.md 0.9; Perbawaslu 7/2022 ps 49).
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.functional import Promise

from bawaslu_cases.registry.models import Category, SanctionClass
from bawaslu_cases.shared.paper_dates import long_date
from bawaslu_cases.shared.typesetter import typeset
from complaints.models import Case, Official
from complaints.rules.election_law import election_law_bases
from referrals.models import Referral, ReferralItem

TEMPLATE = "b17-1"
"""Form and edition; kept with every letter that was made from it."""
TEMPLATE_FILE = Path(__file__).resolve().with_name(f"{TEMPLATE}.typ")

SKB_DAY = date(2022, 9, 22)

SKB = (
    "Keputusan Bersama Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi, Menteri "
    "Dalam Negeri, Kepala Badan Kepegawaian Negara, Ketua Komisi Aparatur Sipil Negara, dan Ketua "
    "Badan Pengawas Pemilihan Umum tanggal 22 September 2022 tentang Pedoman Pembinaan dan "
    "Pengawasan Netralitas Pegawai Aparatur Sipil Negara dalam Penyelenggaraan Pemilihan Umum dan "
    "Pemilihan"
)


def recommendation_letter(*, referral: Referral, number: str, at: datetime) -> bytes:
    """Return the letter as PDF/A-2a. The same referral, number and time give the same bytes.

    Three queries: items with what they name, and nothing else when the caller selected
    ``case__office__region``, ``case__contest`` and ``recipient``.
    """
    return typeset(TEMPLATE_FILE, letter_data(referral=referral, number=number, at=at), at=at)


def letter_data(*, referral: Referral, number: str, at: datetime) -> dict[str, Any]:
    """Return the allow-list as plain data: everything the letter can say."""
    case = referral.case
    office = case.office
    day = at.astimezone(ZoneInfo(office.time_zone)).date()
    items = list(
        referral.lines().select_related("official", "agency", "rule", "allegation").order_by("pk")
    )
    people = _people(items)
    return {
        "letterhead": office.name,
        "place": office.region.short_name if office.region else "Jakarta",
        "day": long_date(day),
        "number": number,
        "version": referral.version,
        "recipient": referral.recipient.name,
        "office": office.name,
        "matter": _matter(case),
        "bases": legal_bases(case, items, on=day),
        "suspicion": _suspicion(items),
        "summary": [part.strip() for part in referral.summary.splitlines() if part.strip()],
        "people": people,
    }


def _matter(case: Case) -> str:
    """Name what the letter is about: a registered finding or report, or one sent on without a register.

    A report without a register has only its record's own name, which begins with the lane it came in;
    the letter's number is what it goes by.
    """
    if case.register_number is None:
        return "Laporan yang diteruskan tanpa registrasi"
    kind = "Temuan" if case.source == "TM" else "Laporan"
    return f"{kind} Nomor {case.register_number}"


def legal_bases(case: Case, items: list[ReferralItem], *, on: date) -> list[str]:
    """Return point 1 of the form: the election law of the contest, and the SKB since its day."""
    bases = election_law_bases(case.contest.regime if case.contest else "", on=on)
    if any(item.allegation.event_on >= SKB_DAY for item in items):
        bases.append(SKB)
    return bases


def _suspicion(items: list[ReferralItem]) -> str:
    """Name the tracks concerned: ethics, discipline, or both."""
    tracks = {item.rule.category for item in items}
    words = {Category.ETHICS: "kode etik", Category.DISCIPLINE: "disiplin"}
    named = " dan ".join(words[track] for track in Category if track in tracks)
    return f"netralitas pegawai Aparatur Sipil Negara ({named})"


def _people(items: list[ReferralItem]) -> list[dict[str, Any]]:
    """Return one data sheet per official, in the order of the items."""
    sheets: dict[int, dict[str, Any]] = {}
    for item in items:
        sheet = sheets.setdefault(item.official_id, _sheet(item.official, item))
        sheet["allegations"].append(
            {
                "event": long_date(item.allegation.event_on),
                "place": item.allegation.place,
                "rule": f"{item.rule.code} — {item.rule.title_id}",
                "category": _in_indonesian(Category(item.rule.category).label),
                "bases": list(item.legal_bases),
                "sanction": _in_indonesian(SanctionClass(item.sanction_class).label),
                "departure": item.departure_reason,
            }
        )
    return list(sheets.values())


def _sheet(official: Official, item: ReferralItem) -> dict[str, Any]:
    return {
        "name": official.name,
        "nip": official.nip,
        "position": official.position,
        "grade": official.grade,
        "unit": official.unit,
        "agency": item.agency.name,
        "ppk": item.ppk_title,
        "ppk_conflict": item.ppk_conflict,
        "allegations": [],
    }


def _in_indonesian(label: str | Promise) -> str:
    # a worker has no language of its own, and the reader's must not change an official letter
    with translation.override("id"):
        return str(label)
