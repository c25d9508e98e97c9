"""How a reporter fares after the report, and the way to LPSK. Harm foreseen is harm to prevent.

ISO 37002:2021 3.13 counts a failure to prevent harm as detrimental conduct.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.keyring.models import OutsideKey
from complaints.errors import KeysMissingError
from complaints.models import Complaint, HandoverConsent, Message
from complaints.services.deadlines import local_day
from complaints.services.messages import reporters_next_key, send_to_desk
from complaints.services.vault import verified_partner
from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.consent import give_consent
from complaints.vault.crypto.keys import PartnerPublicKey
from complaints.vault.crypto.sealing import seal_for_partner


class Safety(models.TextChoices):
    """What a reporter can answer."""

    SAFE = "safe", _("Aman")
    WORRIED = "worried", _("Khawatir, tetapi belum terjadi apa-apa")
    PRESSURE = "pressure", _("Saya ditekan atau diancam")
    RETALIATION = "retaliation", _("Saya dibalas: dipindah, dikucilkan, diperiksa, atau lainnya")


URGENT = frozenset({Safety.PRESSURE, Safety.RETALIATION})


@transaction.atomic
def check_in(*, complaint: Complaint, safety: Safety, text: str, at: datetime) -> Message:
    """Tell the desk how the reporter fares; pressure and retaliation stand out on the record."""
    # The desk reads it, whatever language the reporter's page is in.
    with translation.override(settings.LANGUAGE_CODE):
        words = f"{safety.label}\n{text.strip()}".strip()
    message = send_to_desk(complaint=complaint, text=words, at=at, kind=Message.Kind.CHECK_IN)
    if safety in URGENT:
        message.is_urgent = True
        message.save(update_fields=["is_urgent"])
    return message


def lpsk_key(*, on: date) -> PartnerPublicKey:
    """Return LPSK's public key that the root vouches for. Two queries on the keyring.

    Raises KeysMissingError when there is none.
    """
    key = keyring.outside_key(kind=OutsideKey.Kind.LPSK, on=on)
    if key is None:
        raise KeysMissingError(_NO_KEY)
    return verified_partner(key, on=on)


_NO_KEY = _("Kunci LPSK sedang tidak tersedia. Anda bisa menghubungi LPSK langsung di 148.")


@transaction.atomic
def ask_lpsk(
    *,
    complaint: Complaint,
    answers: Mapping[str, str],
    at: datetime,
    mailbox_key: bytes,
    use_identity: bool,
) -> Message:
    """Seal a request for protection to LPSK's own key; the desk can only pass it on.

    With ``use_identity`` the reporter's consent to hand over the sealed identity is signed with the
    key that the receipt gives. LPSK protects in matters of crime (UU 31/2014); nothing here promises
    that it will. Raises KeysMissingError, DomainError when it was asked often enough that day.
    """
    day = local_day(at, complaint.office)
    partner = lpsk_key(on=day)
    key = reporters_next_key(complaint, kind=Message.Kind.LPSK, on=day)
    report = complaint.public_id.hex
    if use_identity:
        consent = give_consent(mailbox_key, report=report, partner=partner, on=day)
        HandoverConsent.objects.update_or_create(
            complaint=complaint,
            defaults={
                "partner": partner.partner,
                "document": canonical_json(consent.to_json()),
                "given_on": day,
            },
        )
    return Message.objects.create(
        id=key,
        public_id=uuid4(),
        complaint=complaint,
        direction=Message.Direction.FROM_REPORTER,
        kind=Message.Kind.LPSK,
        scheme=Message.Scheme.LPSK,
        sealed=seal_for_partner(dict(answers), report=report, partner=partner),
        on=day,
        is_urgent=True,
    )
