"""Taking a made packet out of the store again, for whoever hands it over."""

from collections.abc import Sequence

from bawaslu_cases.shared import envelope, sealed_files
from complaints.models import Derivative
from complaints.services.evidence import derivative_content
from referrals.errors import PacketError
from referrals.models import Letter, Packet, Referral
from referrals.packets.canonical import digest
from referrals.packets.files import OutgoingPacket, PacketFile, manifest_of, packet_files
from referrals.packets.record import attached_copies, attachment_name

LETTER_PURPOSE = "letter"


def record_context(referral: Referral, version: int) -> envelope.Context:
    """Return what a sealed record is bound to."""
    return ("referral-record", referral.public_id.hex, str(version))


def outgoing_packet(referral: Referral, version: int) -> OutgoingPacket:
    """Return one version's packet, byte for byte as it was signed. Four queries.

    Raises Packet.DoesNotExist before the version was issued, PacketError when a file is not the one
    that was signed, and what the stores raise.
    """
    packet = Packet.objects.get(referral=referral, version=version)
    letter = Letter.objects.get(referral=referral, version=version)
    record = envelope.unseal(bytes(packet.record), context=record_context(referral, version))
    content = sealed_files.load(letter.storage_name, purpose=LETTER_PURPOSE)
    attachments = attachment_files(attached_copies(referral))
    manifest = manifest_of(
        number=referral.number or "",
        version=version,
        files=packet_files(record, content, attachments),
    )
    if digest(manifest) != packet.sha256:
        raise PacketError("not the packet that was signed")
    return OutgoingPacket(
        number=referral.number or "",
        version=version,
        record_json=record,
        letter_pdf=content,
        attachments=attachments,
        manifest=manifest,
        sha256=packet.sha256,
        signature=bytes(packet.signature),
        signed_by=packet.signed_by,
        file_name=f"rujukan-{referral.public_id.hex[:12]}-{version}.zip",
    )


def attachment_files(copies: Sequence[Derivative]) -> tuple[PacketFile, ...]:
    """Return the copies that go with a referral, with their bytes. No query."""
    return tuple(
        PacketFile(
            attachment_name(number, copy), copy.content_type, b"".join(derivative_content(copy))
        )
        for number, copy in enumerate(copies, start=1)
    )
