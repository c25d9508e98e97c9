"""Google Drive: a file has one id under several addresses."""

import re

from complaints.links.addresses import Address
from complaints.links.link import Kind, Thing

HOSTS = ("drive.google.com", "docs.google.com")
_ID = re.compile(r"[A-Za-z0-9_-]{10,80}")


def read(address: Address) -> Thing | None:
    """Return the file the address names, or None for a page we do not know."""
    segments = address.segments
    ident = address.param("id")
    if "d" in segments[:-1]:
        ident = segments[segments.index("d") + 1]
    elif "folders" in segments[:-1]:
        ident = segments[segments.index("folders") + 1]
    return Thing(Kind.FILE, ident, f"open?id={ident}") if _ID.fullmatch(ident) else None
