"""The page that takes the reporter's name: sealed at once, in the browser or here, and kept no other way.

What was typed lives as long as the request. It never reaches the draft, the session, a log or an error
report, and a refusal shows it again only in the answer to the very POST that brought it.
"""

import binascii
import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from complaints.errors import IdentityMissingError, KeysMissingError
from complaints.services.names import seal_name, take_sealed_name
from complaints.services.vault import SealingKeys
from complaints.web.forms_intake_name import IdentityForm
from complaints.web.intake_draft import Draft
from complaints.web.intake_keys import keys_of
from complaints.web.intake_leaks import name_parts_in
from complaints.web.intake_pages import name_page

LONGEST_SEALED = 120_000
"""Characters of a browser's sealing: 64 KiB of ciphertext as base64, twice over, and some room."""


@dataclass(frozen=True, repr=False)
class _Posted:
    """What came with one press of the button. The repr hides it."""

    sealed: str
    card_key: str
    form: IdentityForm
    own_name_accepted: bool


@sensitive_variables()
def take_name(request: HttpRequest, draft: Draft, *, at: datetime) -> HttpResponse | None:
    """Put a sealed name into the draft, or return the page that says what is wrong with it."""
    posted = _Posted(
        request.POST.get("sealed", ""),
        request.POST.get("card_key", ""),
        IdentityForm(request.POST),
        request.POST.get("own_name") == "accepted",
    )
    try:
        keys = keys_of(draft, at=at)
    except KeysMissingError:
        return name_page(request, draft, keys=None, form=posted.form)
    try:
        if posted.sealed:
            sealed = read_sealed(posted.sealed)
            assert draft.lane is not None  # noqa: S101 -- the page is asked only in such lanes
            name = take_sealed_name(
                sealed=sealed,
                report=draft.report,
                lane=draft.lane,
                keys=keys,
                card_key=posted.card_key,
            )
            draft.keep_name(name)
            return None
        return _seal_here(request, draft, posted, keys)
    except IdentityMissingError as error:
        # a browser's sealing that does not fit is empty fields again; what was typed here is not
        form = IdentityForm() if posted.sealed else posted.form
        return name_page(request, draft, keys=keys, form=form, refusal=str(error.message))


def _seal_here(
    request: HttpRequest, draft: Draft, posted: _Posted, keys: SealingKeys
) -> HttpResponse | None:
    if not posted.form.is_valid():
        return name_page(request, draft, keys=keys, form=posted.form)
    identity = posted.form.to_seal
    hits = name_parts_in(draft.values("story").get("story", ""), identity["name"])
    if hits and not posted.own_name_accepted:
        return name_page(request, draft, keys=keys, form=posted.form, own_name=hits)
    assert draft.lane is not None  # noqa: S101 -- the page is asked only in such lanes
    name = seal_name(identity=identity, report=draft.report, lane=draft.lane, keys=keys)
    draft.keep_name(name, nik_is_odd=posted.form.nik_is_odd)
    return None


def read_sealed(sealed: str) -> Any:
    """Return the JSON values of a browser's sealing: base64 or base64url of canonical JSON."""
    if len(sealed) > LONGEST_SEALED:
        raise IdentityMissingError(_("Nama Anda tidak terkunci dengan benar. Isi sekali lagi."))
    try:
        padded = sealed.replace("-", "+").replace("_", "/") + "=" * (-len(sealed) % 4)
        return json.loads(b64decode(padded, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise IdentityMissingError(
            _("Nama Anda tidak terkunci dengan benar. Isi sekali lagi.")
        ) from error
