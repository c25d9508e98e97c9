"""The letter of one rung, from an allow-list: the follow-up, its official and the rungs before.

Nothing here reads a case's number or source: the number of a referral names the lane it came in, and an
employing official may be the reporter's superior (security/protection.md 0.5). The secretariat gives the
letter its number; a format for it is in no regulation, so none is invented (ADR 0033).
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from bawaslu_cases.registry.models import SanctionClass
from bawaslu_cases.shared.paper_dates import long_date
from bawaslu_cases.shared.typesetter import typeset
from referrals.models import EscalationStep
from referrals.rules.ladder import LADDER
from referrals.states import Rung

TEMPLATE = "escalation-1"
"""Layout and edition; kept with every letter that was made from it."""
TEMPLATE_FILE = Path(__file__).resolve().with_name(f"{TEMPLATE}.typ")

_SUBJECTS = {
    Rung.REMINDER_1: "Pengingat pertama tindak lanjut rekomendasi",
    Rung.REMINDER_2: "Pengingat kedua tindak lanjut rekomendasi",
    Rung.WARNING: "Permintaan peringatan kepada Pejabat Pembina Kepegawaian",
    Rung.DATA_BLOCK: "Usul pembatasan data dan layanan kepegawaian",
    Rung.HOME_AFFAIRS: "Permohonan pembinaan dan pengawasan",
    Rung.PUBLICATION: "Pemberitahuan publikasi",
}


def escalation_letter(
    *,
    step: EscalationStep,
    earlier: Sequence[EscalationStep],
    due_on: date,
    reference: str,
    at: datetime,
) -> bytes:
    """Return the letter as PDF/A-2a. The same step, reference and time give the same bytes.

    ``earlier``: the rungs of the round before this one; ``due_on``: the PPK's last day. No query when
    the caller selected ``follow_up__official``, ``follow_up__referral__recipient`` and the office with
    its region.
    """
    data = escalation_data(step=step, earlier=earlier, due_on=due_on, reference=reference)
    return typeset(TEMPLATE_FILE, data, at=at)


def escalation_data(
    *, step: EscalationStep, earlier: Sequence[EscalationStep], due_on: date, reference: str
) -> dict[str, Any]:
    """Return the allow-list as plain data: everything the letter can say."""
    follow_up = step.follow_up
    office = follow_up.referral.case.office
    official = follow_up.official
    rung = Rung(step.rung)
    return {
        "rung": str(rung.value),
        "subject": _SUBJECTS[rung],
        "reference": reference,
        "office": office.name,
        "place": office.region.short_name if office.region else "Jakarta",
        "day": long_date(step.taken_on),
        "addressee": step.addressee,
        "name": official.name or "belum diketahui",
        "nip": official.nip or "belum diketahui",
        "position": official.position or "belum diketahui",
        "agency": step.agency.name,
        "ppk": follow_up.ppk_title,
        "recommender": follow_up.referral.recipient.name,
        "recipient": follow_up.referral.recipient.name,
        "recommended": long_date(follow_up.recommended_on),
        "sanction": _in_indonesian(SanctionClass(follow_up.recommended_class).label),
        "due": long_date(due_on),
        "earlier": [
            f"{_SUBJECTS[Rung(each.rung)]}, {long_date(each.taken_on)}" for each in earlier
        ],
        "article": LADDER[rung].article,
    }


def _in_indonesian(label: str | Promise) -> str:
    # a worker has no language of its own, and the reader's must not change an official letter
    with translation.override("id"):
        return str(label)
