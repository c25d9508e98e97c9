"""A reporter's name on its way into the vault: which keys it is sealed to, here or in the browser."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import Region
from complaints.errors import IdentityMissingError
from complaints.models import SealedIdentity
from complaints.services.deadlines import local_day
from complaints.services.intake import SealedName, handling_office
from complaints.services.vault import SealingKeys, sealing_keys
from complaints.states import Lane
from complaints.vault.crypto.errors import VaultError
from complaints.vault.crypto.fields import bytes_of_hex
from complaints.vault.crypto.hpke import KEY_BYTES
from complaints.vault.crypto.sealing import SealedIdentityBlob, seal_with_card_key


def keys_for_report(
    *, region: Region, lane: Lane, keep_from: Sequence[int], at: datetime
) -> SealingKeys:
    """Return the public keys for a report from there that those offices must not see.

    Raises KeysMissingError when none are at hand that the root vouches for.
    """
    office = handling_office(region=region, lane=lane, keep_from=keep_from)
    return sealing_keys(office=office, on=local_day(at, office))


def seal_name(
    *, identity: Mapping[str, str], report: str, lane: Lane, keys: SealingKeys
) -> SealedName:
    """Seal a name in this process's memory, for a browser that cannot. Nothing else is kept of it.

    Raises IdentityMissingError for one that is longer than a vault takes.
    """
    try:
        blob, card_key = seal_with_card_key(
            identity,
            report=report,
            lane=lane.value,
            group_a=keys.group_a,
            group_b=keys.group_b,
            recovery=keys.recovery,
        )
    except VaultError as error:
        raise IdentityMissingError(
            _("Nama dan alamat Anda terlalu panjang untuk dikunci. Tulis seperti di KTP."),
            field="name",
        ) from error
    return SealedName(blob, SealedIdentity.Mode.SERVER, card_key)


def take_sealed_name(
    *, sealed: Any, report: str, lane: Lane, keys: SealingKeys, card_key: str = ""
) -> SealedName:
    """Take what a browser sealed. Its form is all that can be checked: no key here opens it.

    ``sealed`` is the blob as JSON values, ``card_key`` 64 hex digits, or "" from a page of the release
    before. Raises IdentityMissingError when it has another form, was
    sealed for something else, or to other keys than today's.
    """
    try:
        blob = SealedIdentityBlob.from_json(sealed)
        public = bytes_of_hex(card_key, KEY_BYTES) if card_key else None
    except VaultError as error:
        raise IdentityMissingError(
            _("Nama Anda tidak terkunci dengan benar. Isi sekali lagi.")
        ) from error
    if (blob.report, blob.lane) != (report, lane.value):
        raise IdentityMissingError(_("Nama Anda terkunci untuk laporan lain. Isi sekali lagi."))
    if not is_sealed_to(blob, keys):
        raise IdentityMissingError(
            _("Kunci petugas sudah berganti sejak halaman ini dibuka. Isi sekali lagi.")
        )
    return SealedName(blob, SealedIdentity.Mode.BROWSER, public)


def is_sealed_to(blob: SealedIdentityBlob, keys: SealingKeys) -> bool:
    """Say whether a name is sealed to exactly these keys."""
    return (blob.group_a, blob.epoch_a, blob.group_b, blob.epoch_b, blob.recovery) == (
        keys.group_a.group,
        keys.group_a.epoch,
        keys.group_b.group,
        keys.group_b.epoch,
        keys.recovery.recovery,
    )
