import pytest

from tests.complaints.vaultctl.world import World, new_world


@pytest.fixture
def world() -> World:
    return new_world()
