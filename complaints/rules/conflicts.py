"""Is an official one of Bawaslu's own, and do two names name one person? Words only, no tables."""

from typing import Protocol

from django.utils.crypto import salted_hmac

from complaints.matching.names import name_keys

OWN_AGENCY = "A-BAWASLU"
OWN_WORDS = ("bawaslu", "panwaslih", "panwaslu")


class Named(Protocol):
    """What is known of an official, as far as it tells where they work."""

    name: str
    position: str
    unit: str
    agency_text: str


def name_digest(name: str) -> str:
    """Return by what a full name is compared, whatever the order of its parts or its titles.

    Under the server's secret, so that a copy of the table names nobody's kin. "" for no name.
    """
    full = [key for key in name_keys(name) if key.startswith("=")]
    if not full:
        return ""
    return salted_hmac("complaints.conflicts", full[0], algorithm="sha256").hexdigest()


def is_of_bawaslu(official: Named) -> bool:
    """Say whether an official is said to work for Bawaslu, at whatever level."""
    agency = getattr(official, "agency", None)
    if agency is not None and agency.code == OWN_AGENCY:
        return True
    return any(word in _workplace(official) for word in OWN_WORDS)


def names_office(official: Named, office: str) -> bool:
    """Say whether the workplace of an official names this office in full ("Bawaslu Kota Semarang")."""
    words = " ".join(office.lower().split())
    return f" {words} " in f" {_workplace(official)} "


def _workplace(official: Named) -> str:
    said = f"{official.position} {official.unit} {official.agency_text}"
    return " ".join(said.lower().replace(",", " ").replace(".", " ").split())
