"""``manage.py packet_key``: the public key that recipients check packets with."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import BaseCommand, CommandError

from referrals.errors import NoSigningKeyError
from referrals.packets.signing import public_key


class Command(BaseCommand):
    """Print the public half of PACKET_SIGNING_KEY, as hex and as PEM. Needs no database."""

    help = "Print the public key of packets, to be handed to recipients by another way."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the key; never the private half."""
        try:
            told = public_key()
        except NoSigningKeyError as error:
            raise CommandError(str(error)) from error
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told))
        self.stdout.write(told)
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.stdout.write(pem.decode(), ending="")
