"""Registration of the keyring app."""

from typing import ClassVar

from django.apps import AppConfig


class KeyringConfig(AppConfig):
    """Keys and wraps."""

    name = "bawaslu_cases.keyring"
    label = "keyring"
    rights: ClassVar[dict[str, dict[str, str]]] = {
        "web": {"TABLE *": "SELECT, INSERT, UPDATE, DELETE"},
        # It puts parked wraps where they belong, removes orphaned ones and erases those that were promised to
        # go: which reports have wraps it may read, no wrap. Of the rest it reads what is public, to seal a
        # file's key to its desk.
        "worker": {
            "TABLE keyring_reportwraps": "SELECT (report, put_id), INSERT, DELETE",
            "TABLE keyring_erasure": "SELECT, INSERT",
            "TABLE keyring_wrapsround": "SELECT, INSERT, UPDATE",
            "TABLE keyring_keygroup": "SELECT",
            "TABLE keyring_groupepoch": "SELECT",
            "TABLE keyring_officercertificate": "SELECT",
            "TABLE keyring_outsidekey": "SELECT",
            "TABLE keyring_revocationlist": "SELECT",
        },
    }
    """Role → object → rights, set by ``grant_roles``; what is not named is refused."""

    def ready(self) -> None:
        """Register what ``check --deploy`` asks."""
        from bawaslu_cases.keyring import checks  # noqa: F401, PLC0415 -- importing registers
