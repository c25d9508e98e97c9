"""The worker asks the keyring: reports go on without it, so nobody would notice that it does not answer."""

from django.db import DatabaseError, InterfaceError, connections

from bawaslu_cases.shared.databases import KEYRING as DATABASE
from complaints.services.standing_alarms import KEYRING, raise_standing_alarm


def watch_keyring() -> bool:
    """Say whether the keyring answers, and raise an alarm where it does not. One query there."""
    try:
        with connections[DATABASE].cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        raise_standing_alarm(KEYRING, "unavailable")
        return False
    return True
