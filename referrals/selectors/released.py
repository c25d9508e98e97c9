"""What a recipient body holds of a referral: the packet of its newest delivered version, and nothing else.

Everything a reviewer's page shows of the matter is read from the sealed record that left, never from
the rows it was made of: those may have been changed since, for a version nobody approved yet.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from bawaslu_cases.shared import envelope
from complaints.models import Derivative
from referrals.models import Packet, Referral
from referrals.packets.outgoing import record_context


@dataclass(frozen=True)
class ReleasedFile:
    """One file of the packet as its record names it."""

    number: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Released:
    """The record of one version, opened; ``packet_sha256`` is its manifest's digest."""

    version: int
    record: dict[str, Any]
    packet_sha256: str

    @property
    def files(self) -> list[ReleasedFile]:
        """The evidence that left with it, in the order of the letter."""
        return [
            ReleasedFile(
                number=row["number"],
                name=row["file_name"],
                media_type=row["media_type"],
                size_bytes=row["size_bytes"],
                sha256=row["sha256"],
            )
            for row in self.record["evidence"]
        ]

    @property
    def numbers(self) -> frozenset[str]:
        """The NIP of the people in it, digits alone."""
        found = ("".join(filter(str.isdigit, each.get("nip", ""))) for each in self.people)
        return frozenset(each for each in found if each)

    @property
    def people(self) -> list[dict[str, Any]]:
        """One data sheet per official, the day of each event as a date (``event_day``)."""
        return [
            {
                **person,
                "allegations": [
                    {**alleged, "event_day": date.fromisoformat(alleged["event_on"])}
                    for alleged in person["allegations"]
                ],
            }
            for person in self.record["people"]
        ]


def released(referral: Referral) -> Released | None:
    """Return what the body holds of a referral it may see; None where no packet was kept. One query.

    A referral a recipient sees stands at a delivered version: whatever makes the next one hides it.
    """
    packet = Packet.objects.filter(referral=referral, version=referral.version).first()
    if packet is None:
        return None
    context = record_context(referral, packet.version)
    record = json.loads(envelope.unseal(bytes(packet.record), context=context))
    return Released(packet.version, record, packet.sha256)


def released_copy(referral: Referral, file: ReleasedFile) -> Derivative | None:
    """Return the safe copy behind a file of the packet, by its digest; None once erased. One query."""
    return (
        Derivative.objects.filter(
            evidence__complaint__cases=referral.case_id,
            sha256=bytes.fromhex(file.sha256),
            part=Derivative.Part.MAIN,
            file__isnull=False,
        )
        .select_related("evidence", "file")
        .order_by("pk")
        .first()
    )
