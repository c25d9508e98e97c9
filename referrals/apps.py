"""Registration of the referrals app and of its outbox topics."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Recommendation, letter, delivery, review, follow-up."""

    name = "referrals"

    def ready(self) -> None:
        """Tell the outbox who carries out what this app promises."""
        from bawaslu_cases.shared.outbox import topics  # noqa: PLC0415 -- models must be loaded

        topics.register("referral.issue", _issue, queue="referral")
        topics.register("referral.deliver", _deliver, queue="referral")
        topics.register("escalation.letter", _letter, queue="referral")


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
