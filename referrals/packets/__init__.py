"""What leaves the house: a minimal record, its letter and copies, signed and closed.

``record`` is the allow-list, ``leaks`` what must not be in it, ``files`` the packet itself; it is made
by ``services/packets.py`` and taken out again by :func:`outgoing_packet`.
"""

from referrals.packets.files import OutgoingPacket, PacketFile, VerifiedPacket, verified
from referrals.packets.outgoing import outgoing_packet

__all__ = ["OutgoingPacket", "PacketFile", "VerifiedPacket", "outgoing_packet", "verified"]
