"""Registration of the referrals app and of its outbox topics."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

from referrals.rules.row_sight import ROW_SIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from complaints.models import Complaint


class ReferralsConfig(AppConfig):
    """Recommendation, letter, delivery, review, follow-up."""

    name = "referrals"
    row_sight = ROW_SIGHT
    """Table → who sees which rows; ``grant_roles`` lays it down."""

    def ready(self) -> None:
        """Tell the outbox who carries out what this app promises."""
        from bawaslu_cases.shared.outbox import topics  # noqa: PLC0415 -- models must be loaded
        from complaints.selectors.compared_texts import (  # noqa: PLC0415 -- models must be loaded
            also_compared,
        )

        topics.register("referral.issue", _issue, queue="referral")
        topics.register("referral.deliver", _deliver, queue="referral")
        topics.register("escalation.letter", _letter, queue="referral")
        topics.register("referrals.subject_answer", _answer, queue="referral")
        # Somebody waits for it; the copies in it are drawn in the sandbox of this worker alone.
        topics.register("referrals.case_export", _export, max_attempts=3, queue="copies")
        also_compared(_drafts)


# The services are loaded at the first message: a web process that renders nothing starts without them.
def _issue(*, subject_id: str, destination: str) -> None:
    from referrals.services.delivery import issue_referral  # noqa: PLC0415 -- start-up time

    issue_referral(subject_id=subject_id, destination=destination)


def _deliver(*, subject_id: str, destination: str) -> None:
    from referrals.services.dispatches import deliver_referral  # noqa: PLC0415 -- start-up time

    deliver_referral(subject_id=subject_id, destination=destination)


def _letter(*, subject_id: str, destination: str) -> None:
    from referrals.services.escalation_letters import (  # noqa: PLC0415 -- start-up time
        set_escalation_letter,
    )

    set_escalation_letter(subject_id=subject_id, destination=destination)


def _answer(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from referrals.services.subject_requests import write_answer  # noqa: PLC0415 -- start-up time

    write_answer(subject_id=subject_id)


def _drafts(complaint: "Complaint") -> "Iterator[tuple[str, str]]":
    from referrals.selectors.compared_drafts import drafts_of  # noqa: PLC0415 -- start-up time

    return drafts_of(complaint)


def _export(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from referrals.services.case_exports import build_export  # noqa: PLC0415 -- start-up time

    build_export(subject_id=subject_id)
