"""What the tests of the reporter's area share."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from complaints.services import guessing
from complaints.services.proof_of_work import Purpose
from complaints.web import intake
from tests.complaints.web.walk import NOW


@pytest.fixture
def form_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Stop the clock, and let a test walk the form faster than any person without being asked.

    All of them send in the same minute then, which would be a crowd.
    """
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    monkeypatch.setitem(guessing.CALM_A_MINUTE, Purpose.SEND, 10_000)
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
