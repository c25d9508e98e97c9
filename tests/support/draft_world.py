"""Filled-in forms of many reporters, in a database that the caller names.

``python -m tests.support.draft_world 180 <cookie>`` copies the draft of one reporter, who stands before the
last button, into sessions of others, and prints their cookies, one a line.
"""

import sys
from uuid import uuid4

import django


def copy(count: int, token: str) -> list[str]:
    """Return the cookies of so many reporters with the same answers, each for a record of its own."""
    from django.utils import timezone

    from complaints.services.reporter_session import read_session, start_session

    at = timezone.now()
    held = read_session(token=token, at=at)
    assert held is not None
    assert held["draft"]["at"] == "check"
    return [
        start_session(held={**held, "draft": {**held["draft"], "report": uuid4().hex}}, at=at)
        for _reporter in range(count)
    ]


if __name__ == "__main__":
    django.setup()
    print("\n".join(copy(int(sys.argv[1]), sys.argv[2])))
