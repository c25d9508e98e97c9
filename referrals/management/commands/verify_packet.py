"""``manage.py verify_packet FILE``: say whether this is the packet that was signed, whole and unchanged."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
from django.core.management.base import BaseCommand, CommandError

from referrals.errors import NoSigningKeyError, PacketError
from referrals.packets import verified
from referrals.packets.signing import public_key


class Command(BaseCommand):
    """Check signature and digests; exit code 1 for what is not right. Needs no database."""

    help = "Check a packet (.zip, or .zip.age with --identity) against the sender's key."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file, the key and the identity."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--key", help="the sender's public key, 64 hex signs; else this server's"
        )
        parser.add_argument(
            "--identity", type=Path, help="file with the recipient's AGE-SECRET-KEY"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what the packet is, or say what is wrong with it."""
        try:
            content = _opened(options["file"].read_bytes(), options["identity"])
            packet = verified(content, public_key=options["key"] or public_key())
        except (PacketError, NoSigningKeyError, OSError, pyrage.DecryptError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{packet.number}, version {packet.version}: signed and whole")
        self.stdout.write(f"sha256 {packet.sha256}")
        for name, held in packet.files.items():
            self.stdout.write(f"  {name}  {len(held)} bytes")


def _opened(content: bytes, identity: Path | None) -> bytes:
    if identity is None:
        return content
    lines = identity.read_text(encoding="utf-8", errors="replace").splitlines()
    secret = next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        return bytes(pyrage.decrypt(content, [pyrage.x25519.Identity.from_str(secret)]))
    except pyrage.IdentityError as error:
        raise PacketError("no AGE-SECRET-KEY in the identity file") from error
