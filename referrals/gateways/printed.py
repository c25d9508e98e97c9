"""A recipient that takes paper: somebody prints, carries, and records who took it."""

from typing import Any

from referrals.gateways.base import Address, Handed, Parcel


class PrintGateway:
    """Leaves the sheet to a person; the signed slip is the proof (``HandOver``)."""

    carries = False
    fields: tuple[str, ...] = ("place",)

    def checked(self, address: Address) -> dict[str, Any]:
        """Return where it is taken to, for the person who carries it."""
        return {"place": str(address.get("place", "")).strip()[:200]}

    def deliver(self, *, parcel: Parcel, address: Address) -> Handed:  # noqa: ARG002 -- contract
        """Say that a person must carry it."""
        return Handed(by_person=True)
