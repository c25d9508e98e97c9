"""What several tests of the doors for API clients need."""

import pytest
import time_machine
from django.utils import timezone


@pytest.fixture
def one_minute():
    """Stand in the middle of a minute: quotas are counted by the clock's minutes."""
    with time_machine.travel(timezone.now().replace(second=30), tick=False):
        yield
