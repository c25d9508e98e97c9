"""The recipient body works in this product: its inbox reads what was delivered."""

from typing import Any

from referrals.gateways.base import Address, Handed, Parcel


class InboxGateway:
    """Delivery inside the product; the caller's row is what the inbox shows."""

    carries = False
    fields: tuple[str, ...] = ()

    def checked(self, address: Address) -> dict[str, Any]:  # noqa: ARG002 -- contract
        """Return nothing: there is no address."""
        return {}

    def deliver(self, *, parcel: Parcel, address: Address) -> Handed:  # noqa: ARG002 -- contract
        """Do nothing: the row is the delivery."""
        return Handed()
