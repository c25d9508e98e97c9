"""How a referral travels. One small contract, one module per channel, one line each here."""

from referrals.gateways.base import Address, AddressError, Gateway, Handed, Parcel
from referrals.gateways.email import EmailGateway
from referrals.gateways.folder import FolderGateway
from referrals.gateways.inbox import InboxGateway
from referrals.gateways.printed import PrintGateway
from referrals.gateways.sftp import SftpGateway
from referrals.gateways.webhook import WebhookGateway
from referrals.states import Channel

INBOX = "inbox"
"""The destination inside the product; it needs no row."""

GATEWAYS: dict[Channel, Gateway] = {
    Channel.INBOX: InboxGateway(),
    Channel.WEBHOOK: WebhookGateway(),
    Channel.EMAIL: EmailGateway(),
    Channel.SFTP: SftpGateway(),
    Channel.FOLDER: FolderGateway(),
    Channel.PRINT: PrintGateway(),
}


def gateway(channel: str) -> Gateway:
    """Return the gateway of a channel. Raises ValueError for one that is not registered."""
    return GATEWAYS[Channel(channel)]


__all__ = [
    "GATEWAYS",
    "INBOX",
    "Address",
    "AddressError",
    "Gateway",
    "Handed",
    "Parcel",
    "gateway",
]
