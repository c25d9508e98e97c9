"""One stack for all canary tests of a run."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.canary.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Stack]:
    """Start the whole product in a folder of its own."""
    running = Stack(tmp_path_factory.mktemp("c"))
    try:
        running.start()
        with django_db_blocker.unblock():
            running.publish_keys()
        yield running
    finally:
        running.stop()
