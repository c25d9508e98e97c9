"""Which public keys a draft's name is sealed to, and whether it still is."""

import json
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.errors import KeysMissingError
from complaints.services.names import is_sealed_to, keys_for_report
from complaints.services.vault import SealingKeys, root_public_key
from complaints.web.intake_draft import Draft, region_of, sealed_name


def keys_of(draft: Draft, *, at: datetime) -> SealingKeys:
    """Return today's keys for the draft. Raises KeysMissingError."""
    region = region_of(draft)
    assert draft.lane is not None  # noqa: S101 -- the page is asked only in such lanes
    if region is None:
        raise KeysMissingError(_("Tempat kejadian belum diisi."))
    return keys_for_report(region=region, lane=draft.lane, keep_from=draft.keep_from, at=at)


def published(keys: SealingKeys) -> dict[str, str]:
    """Return what the browser seals with: the certified keys as JSON, the pinned root as hex."""
    return {
        "keys": json.dumps(keys.published, separators=(",", ":")),
        "root": root_public_key().hex(),
    }


def drop_stale_name(draft: Draft, *, at: datetime) -> None:
    """Forget a name, put aside for days, that is sealed to keys of yesterday."""
    name = sealed_name(draft)
    if name is None:
        return
    try:
        fresh = is_sealed_to(name.blob, keys_of(draft, at=at))
    except KeysMissingError:
        return  # nobody can seal anew now; the old wraps still open
    if not fresh:
        draft.name, draft.name_gone = None, "keys"
