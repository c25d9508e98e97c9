"""``manage.py check --deploy``: a vault without a pinned root would take no name at all."""

import base64
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

ROOT_BYTES = 32


@register(Tags.security, deploy=True)
def root_is_pinned(**_options: Any) -> list[CheckMessage]:
    """Return an error unless VAULT_ROOT_PUBLIC_KEY is base64 of 32 bytes, and of no demo."""
    try:
        length = len(base64.b64decode(settings.VAULT_ROOT_PUBLIC_KEY, validate=True))
    except ValueError:
        length = 0
    if length != ROOT_BYTES:
        return [
            Error(
                "VAULT_ROOT_PUBLIC_KEY is not the root's public key: no identity can be sealed.",
                hint="Take it from trust.json of the root's ceremony (docs/vaultctl.md), as base64.",
                id="keyring.E001",
            )
        ]
    if settings.VAULT_DEMO_FOLDER:
        return [
            Error(
                "VAULT_DEMO_FOLDER is set: whoever reads that folder opens every identity.",
                hint="Hold a ceremony and pin its root.",
                id="keyring.E002",
            )
        ]
    return []
