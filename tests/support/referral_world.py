"""Approved referrals in a database that the caller names, and how each of them ended.

``python -m tests.support.referral_world make 20`` approves so many and prints nothing;
``… tell`` prints one JSON object. Both ask the databases of the environment, so that a test can take
a server down which is not its own.
"""

import json
import sys
from collections import Counter
from typing import Any

import django


def make(count: int) -> None:
    """Approve ``count`` referrals; their outbox messages are committed and hinted to the broker."""
    from tests.factories import decided_case
    from tests.referrals import stages

    for number in range(count):
        stages.approved(decided_case(place=f"Balai desa {number}"))


def tell() -> dict[str, Any]:
    """Return what is the same for every referral that arrived, and how many there are of each."""
    from bawaslu_cases.shared.models import OutboxMessage
    from referrals.models import Delivery, Letter, Packet, Referral

    rows = list(Referral.objects.order_by("pk"))
    return {
        "statuses": Counter(row.status for row in rows),
        "numbers": sorted(str(row.number)[:3] for row in rows if row.number),
        "histories": sorted({" ".join(_history(row)) for row in rows}),
        "goes_back": sum(_goes_back(row) for row in rows),
        "letters": Letter.objects.count(),
        "packets": Packet.objects.count(),
        "deliveries": Delivery.objects.count(),
        "promises": Counter(OutboxMessage.objects.values_list("status", flat=True)),
    }


def _history(row: Any) -> list[str]:
    return [event.action for event in row.events.order_by("pk")]


def _goes_back(row: Any) -> bool:
    """Say whether an event of its history is dated before the one it follows."""
    moments = [event.at for event in row.events.order_by("pk")]
    return moments != sorted(moments)


def main() -> None:
    """Do what the arguments say."""
    django.setup()
    if sys.argv[1] == "make":
        make(int(sys.argv[2]))
    else:
        print(json.dumps(tell()))


if __name__ == "__main__":
    main()
