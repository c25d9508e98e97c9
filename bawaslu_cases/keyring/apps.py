"""Registration of the keyring app."""

from typing import ClassVar

from django.apps import AppConfig


class KeyringConfig(AppConfig):
    """Keys and wraps."""

    name = "bawaslu_cases.keyring"
    label = "keyring"
    rights: ClassVar[dict[str, dict[str, str]]] = {
        "web": {"TABLE *": "SELECT, INSERT, UPDATE, DELETE"},
        # The sweep of parked wraps puts them where they belong and reads nothing.
        "worker": {"TABLE keyring_reportwraps": "INSERT"},
    }
    """Role → object → rights, set by ``grant_roles``; what is not named is refused."""

    def ready(self) -> None:
        """Register what ``check --deploy`` asks."""
        from bawaslu_cases.keyring import checks  # noqa: F401, PLC0415 -- importing registers
