"""Drafts of referrals as a verifier's client compares them with the name it has open (check K05)."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.models import Complaint
from referrals.models import Referral
from referrals.packets.leaks import Finding, free_texts
from referrals.packets.record import draft_record, record_day
from referrals.states import ReferralStatus

DRAFTS = (ReferralStatus.PROPOSED, ReferralStatus.APPROVED)
"""What has not left: what has can no longer be changed."""


def drafts_of(complaint: Complaint) -> Iterator[tuple[str, str]]:
    """Give every text a person typed into a draft on this report's cases, by place.

    The names of the accused are left out: they stand in every referral, and kin share them. One query,
    and three for each draft.
    """
    rows = Referral.objects.filter(case__complaints=complaint, status__in=DRAFTS).select_related(
        "case__office__region", "case__contest", "recipient"
    )
    for number, referral in enumerate(rows.order_by("pk").distinct(), start=1):
        draft = draft_record(referral=referral, on=record_day(referral, timezone.now()))
        texts = free_texts(draft, summary=referral.summary, assessment=referral.case.assessment)
        for path, text in texts.items():
            if not path.endswith(".name"):
                place = Finding("source", path).place
                yield (
                    _("Konsep rekomendasi %(number)d: %(place)s")
                    % {
                        "number": number,
                        "place": place,
                    },
                    text,
                )
