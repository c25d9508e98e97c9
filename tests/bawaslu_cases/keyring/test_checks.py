"""A server without a pinned root, or with the demo's, is not one to deploy."""

import pytest

from bawaslu_cases.keyring.checks import root_is_pinned

GOOD = "FE2rzcRlnjWB4zolWfJO1KY0Cf7nWqwWjdc56Kz8wNs="


@pytest.mark.parametrize("key", ["", "AAAA", "not base64!", GOOD[:-4]])
def test_root_must_be_pinned(settings, key):
    settings.VAULT_ROOT_PUBLIC_KEY = key
    assert [error.id for error in root_is_pinned()] == ["keyring.E001"]


def test_demo_keys_are_not_for_production(settings):
    settings.VAULT_ROOT_PUBLIC_KEY, settings.VAULT_DEMO_FOLDER = GOOD, "/somewhere"
    assert [error.id for error in root_is_pinned()] == ["keyring.E002"]
    settings.VAULT_DEMO_FOLDER = ""
    assert root_is_pinned() == []
