"""How a referral travels. One small contract, one module per channel, one line each here."""

from referrals.gateways.base import Gateway
from referrals.gateways.inbox import InboxGateway

INBOX = "inbox"

GATEWAYS: dict[str, Gateway] = {INBOX: InboxGateway()}


def gateway(destination: str) -> Gateway:
    """Return the channel of a destination. Raises LookupError for one that is not registered."""
    return GATEWAYS[destination]


__all__ = ["GATEWAYS", "INBOX", "Gateway", "gateway"]
