"""The recipient body works in this product: delivery is a row in its inbox."""

from datetime import datetime

from referrals.models import Delivery, Referral


class InboxGateway:
    """Delivery inside the product; the row is unique per version, so twice is once."""

    def deliver(self, *, referral: Referral, at: datetime) -> None:
        """Write the delivery row."""
        Delivery.objects.bulk_create(
            [
                Delivery(
                    referral=referral,
                    version=referral.version,
                    destination="inbox",
                    delivered_at=at,
                )
            ],
            ignore_conflicts=True,
        )
