"""What the server believes on a day: the pinned root, what it revoked, whom it certified."""

import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.keyring import selectors as keyring
from complaints.errors import KeysMissingError, VaultRefusedError
from complaints.services import vault
from complaints.vault.crypto.certificates import OfficerCertificate
from complaints.vault.crypto.certificates import RevocationList as SignedRevocations
from complaints.vault.crypto.errors import NotCertifiedError, VaultError

REFUSALS: dict[str, str | Promise] = {
    "malformed": _("Berkas ini bukan yang diharapkan."),
    "malformed_seal": _("Berkas ini bukan yang diharapkan."),
    "bad_signature": _("Tanda tangannya tidak cocok."),
    "expired": _("Masa berlakunya sudah lewat."),
    "revoked": _("Sertifikat ini sudah dicabut."),
    "not_certified": _("Kunci ini tidak bersertifikat."),
    "split_custody": _("Harus dua orang dari dua unit."),
    "purpose": _("Tujuan, alasan, atau dasar hukumnya kurang."),
}


def refusal(error: VaultError) -> VaultRefusedError:
    """Return the domain's error for one of the vault's."""
    return VaultRefusedError(REFUSALS.get(error.code, _("Ditolak oleh brankas.")), code=error.code)


@dataclass(frozen=True)
class Trust:
    """The pinned root and what it has revoked, on one day."""

    root_pk: bytes
    revoked: frozenset[str]
    on: date

    def certificate(self, officer: UUID) -> OfficerCertificate:
        """Return the officer's certificate when it holds; NotCertifiedError or why not. One query."""
        row = keyring.certificate_of(officer)
        if row is None:
            raise NotCertifiedError("no certificate for this officer")
        found = vault.officer_certificate(row)
        found.verify(self.root_pk, self.on, revoked=self.revoked)
        return found


def trust_on(day: date) -> Trust:
    """Return what is believed on a day. Two queries.

    Raises KeysMissingError without a valid list, or when a newer one was seen before.
    """
    root_pk, row = vault.root_public_key(), keyring.revocations()
    if row is None:
        raise KeysMissingError(_("Daftar pencabutan kunci belum ada."))
    try:
        listed = SignedRevocations.from_json(json.loads(bytes(row.body)))
        revoked = listed.verify(root_pk, day, least_serial=vault.least_serial())
    except (VaultError, ValueError) as error:
        raise KeysMissingError(_("Daftar pencabutan kunci tidak berlaku.")) from error
    return Trust(root_pk, revoked, day)
