"""What is left of a session once its report was sent: files that are still on their way.

"Kirim laporan dulu, unggah sambil jalan": the code may be noted down and put away while a video goes on.
The session then holds the record's id and the files alone, and ends with the last of them.
"""

from datetime import datetime, timedelta

from django.db import transaction

from bawaslu_cases.shared.clocks import by_the_database
from complaints.services.reporter_session import (
    Answers,
    end_session,
    hold_session,
    keep_session,
    read_session,
)

FILES_WAIT = timedelta(hours=2)
"""How long a session whose code was put away waits for the next part."""
_OF_CODE = frozenset({"code", "code_until", "due_on"})


def is_waiting_for_files(held: Answers | None) -> bool:
    """Say whether a session holds files of a report that was sent."""
    return held is not None and "sent" in held and bool(held.get("files"))


def put_code_away(*, token: str, at: datetime) -> bool:
    """Forget a receipt's code for good; True while the session goes on for files, else it ended.

    Harmless in a session without a code. Two queries.
    """
    with transaction.atomic():
        held = hold_session(token=token, at=at)
        if held is None:
            return False
        if is_waiting_for_files(held):
            rest = {name: value for name, value in held.items() if name not in _OF_CODE}
            keep_session(token=token, held=rest, at=at, idle=FILES_WAIT)
            return True
        if "code" in held or "sent" in held:
            end_session(token=token)
        return False


def close_when_done(*, token: str, at: datetime) -> bool:
    """End a session that lived on for its files alone once none is left; True when it ended.

    A code whose ten minutes are over goes on the way: files that come must not keep it. One query
    while nothing changes.
    """
    held = read_session(token=token, at=at) or {}
    if "sent" not in held:
        return False
    if "code" not in held:
        if not is_waiting_for_files(held):
            end_session(token=token)
            return True
    elif datetime.fromisoformat(held["code_until"]) <= by_the_database(at):
        return not put_code_away(token=token, at=at)
    return False
