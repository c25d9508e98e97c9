"""One stack for all canary tests of a run."""

from collections.abc import Iterator

import pytest

from tests.canary.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start the whole product in a folder of its own."""
    running = Stack(tmp_path_factory.mktemp("c"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
