"""Registration of the referrals app and of its outbox topics."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Recommendation, letter, delivery, review, follow-up."""

    name = "referrals"

    def ready(self) -> None:
        """Tell the outbox who carries out what this app promises."""
        from bawaslu_cases.shared.outbox import topics  # noqa: PLC0415 -- models must be loaded
        from referrals.services import delivery  # noqa: PLC0415 -- models must be loaded

        topics.register(delivery.ISSUE, delivery.issue_referral, queue="referral")
        topics.register(delivery.DELIVER, delivery.deliver_referral, queue="referral")
