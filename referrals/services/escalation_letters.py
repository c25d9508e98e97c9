"""The outbox handler that sets the letter of a rung."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bawaslu_cases.shared import sealed_files
from referrals.letters.escalation import TEMPLATE, escalation_letter
from referrals.models import EscalationLetter, EscalationStep, ReferralDeadline
from referrals.services.deadlines import PPK_CLOCKS

ESCALATION_LETTER_PURPOSE = "escalation_letter"


@transaction.atomic
def set_escalation_letter(
    *,
    subject_id: str,
    destination: str,  # noqa: ARG001 -- outbox contract
    at: datetime | None = None,
) -> None:
    """Set and seal the letter of one rung, dated as the rung was taken. Twice is harmless.

    ``at`` is the moment of the file, the rung's own when left out. Raises EscalationStep.DoesNotExist
    for a rung that was never taken.
    """
    public_id, turn, rung = subject_id.split(":")
    step = EscalationStep.objects.select_related(
        "agency",
        "follow_up__official",
        "follow_up__referral__recipient",
        "follow_up__referral__case__office__region",
    ).get(follow_up__public_id=UUID(public_id), round=int(turn), rung=int(rung))
    if EscalationLetter.objects.filter(step=step).exists():
        return
    earlier = list(
        EscalationStep.objects.filter(
            follow_up_id=step.follow_up_id, round=step.round, rung__lt=step.rung
        ).order_by("rung")
    )
    reference = f"{step.follow_up.public_id.hex[:8].upper()}-{step.round}-{step.rung}"
    at = at or step.taken_at
    # a returned answer or more time has a later last day than the first
    passed = ReferralDeadline.objects.filter(
        follow_up_id=step.follow_up_id, kind__in=PPK_CLOCKS, due_on__lte=step.taken_on
    )
    last = passed.order_by("-due_on").values_list("due_on", flat=True).first()
    content = escalation_letter(
        step=step,
        earlier=earlier,
        due_on=last or step.counted_from,
        reference=reference,
        at=at,
    )
    stored = sealed_files.store(content, purpose=ESCALATION_LETTER_PURPOSE)
    EscalationLetter.objects.create(
        step=step,
        reference=reference,
        template=TEMPLATE,
        storage_name=stored.name,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        rendered_at=at,
    )
