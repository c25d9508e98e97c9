"""Showing an identity card at any office, by a code that tells the counter nothing (PB7 ps 12 huruf c).

The reporter draws a code on the return page. Whoever types it at a counter adds one picture to a report
without seeing of which: no region, no accused, no category, no day, no lane. The picture is sealed in
memory to a key that only the open identity gives, and who scanned it where stands under the same seal: in
the clear, the visit and the report are joined by nothing (ADR 0052, check A35).
"""

import hmac
import secrets
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared import envelope, object_storage
from bawaslu_cases.shared.clocks import by_the_database
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.object_storage import StorageUnavailableError
from bawaslu_cases.shared.row_scopes import beyond
from complaints.errors import TooManyTriesError, WrongVisitCodeError
from complaints.models import Complaint, IdentityCard, SealedIdentity, VisitCode
from complaints.receipts import CodeTypoError, parse_visit_code, visit_code
from complaints.services.deadlines import local_day
from complaints.services.proof_of_work import count_of, counted
from complaints.services.receipts import pepper
from complaints.services.vault import card_key_context
from complaints.states import OFFICERS, REPORT_LANES, UNDER_REVIEW
from complaints.vault.crypto.cards import IMAGE_BYTES_MAX, seal_card
from complaints.vault.crypto.cards import IdentityCard as Card

VALID_FOR: Final = timedelta(days=7)
WRONG_AN_HOUR: Final = 10
"""Codes that are none, which one officer may type in an hour; eleven digits are not guessed so."""
HOUR_SECONDS: Final = 3600
_SERIALS: Final = 2**31
_NATION: Final = ZoneInfo("Asia/Jakarta")
_SIGNS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def draw_visit_code(*, complaint: Complaint, mailbox_key: bytes, at: datetime) -> None:
    """Give a report a code, or another one in place of the last, which is dead from then on.

    ``mailbox_key`` is that of the opened return page, which shows the code (``selectors/visits.py``).
    Raises DomainError where no card is asked for any more, or the name was sealed before there were
    keys for cards.
    """
    if complaint.lane not in REPORT_LANES or complaint.status not in UNDER_REVIEW:
        raise DomainError(_("Kartu identitas tidak diperlukan lagi."), code="no_card_needed")
    if not SealedIdentity.objects.filter(complaint=complaint, card_key__isnull=False).exists():
        raise DomainError(_("Tunjukkan KTP kepada verifikator."), code="no_card_key")
    # Drawn, not counted: a code that was used must not come again.
    serial = secrets.randbelow(_SERIALS)
    digits = visit_code(mailbox_key, report=complaint.public_id.hex, serial=serial)
    VisitCode.objects.update_or_create(
        complaint=complaint,
        defaults={
            "serial": serial,
            "digest": digest_of(digits),
            "expires_on": local_day(at, complaint.office) + VALID_FOR,
        },
    )


def check_visit_code(*, typed: str, officer: User, at: datetime) -> None:
    """Say whether a code still takes a card; it stays as it is.

    Raises NotPermittedError, WrongVisitCodeError (also for a typing error), TooManyTriesError.
    """
    _find(typed, officer=officer, at=at)


def keep_identity_card(
    *, typed: str, picture: bytes, is_of_bearer: bool, officer: User, at: datetime
) -> None:
    """Seal a card into the report behind a code and end the code. A card shown before is replaced.

    Raises as :func:`check_visit_code`, DomainError for what is no picture, StorageFullError or
    StorageUnavailableError, AuditUnavailableError; the code is good for another try then.
    """
    kind = _kind_of(picture)
    row = _find(typed, officer=officer, at=at)
    assert officer.office is not None  # noqa: S101 -- an officer has one
    with beyond("a card shown at any office goes to its report"):
        key = _card_key(row.complaint)
        if key is None:
            raise _wrong()
        card = Card(
            content_type=kind,
            image=picture,
            officer=officer.public_id.hex,
            office=officer.office.name,
            scanned_at=at,
            is_of_bearer=is_of_bearer,
        )
        sealed = seal_card(card, report=row.complaint.public_id.hex, public_key=key)
        name = object_storage.new_object_name()
        object_storage.write(name, [sealed])
        try:
            _keep(row, key=key, name=name, size=len(sealed), officer=officer, at=at)
        except BaseException:
            with suppress(StorageUnavailableError):  # the sweep finds it then
                object_storage.delete([name])
            raise


@transaction.atomic
def _keep(row: VisitCode, *, key: bytes, name: str, size: int, officer: User, at: datetime) -> None:
    # Whoever takes the name away or gives it anew holds the record first: either they find this card, or the
    # key is another one here. Of two counters with one code, the second finds the code gone.
    Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    used, _by_model = VisitCode.objects.filter(pk=row.pk, digest=row.digest).delete()
    if not used or _card_key(row.complaint) != key:
        raise _wrong()
    cards = IdentityCard.objects.filter(complaint=row.complaint)
    former = list(cards.values_list("object_name", flat=True))
    IdentityCard.objects.update_or_create(
        complaint=row.complaint,
        defaults={
            "object_name": name,
            "sealed_bytes": size,
            "received_on": local_day(at, row.complaint.office),
        },
    )
    if former:
        transaction.on_commit(partial(object_storage.delete, former), robust=True)
    assert officer.office is not None  # noqa: S101 -- an officer has one
    # Of the report nothing: whoever reads the log would learn which office its reporter went to.
    audit.record(
        actor=officer.public_id,
        action="identity.card",
        subject=f"office:{officer.office.code}",
    )


def purge_visit_codes(*, at: datetime) -> int:
    """Delete codes that are over; return how many went. Twice is harmless.

    The last day of a code tells the day on which its reporter drew it.
    """
    return VisitCode.objects.filter(expires_on__lt=_today(at)).delete()[0]


def digest_of(digits: str) -> bytes:
    """Return what a table keeps of a code: keyed outside the database, so that none is found by trying."""
    return hmac.digest(pepper(settings.RECEIPT_PEPPER), b"visit-code:" + digits.encode(), sha256)


@beyond("a visit code is good at any office and says of no record which")
def _find(typed: str, *, officer: User, at: datetime) -> VisitCode:
    """Return the row of a code that still takes a card. One query."""
    if officer.office is None or not officer.has_role(*OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    tries = f"visit:{officer.pk}:{at:%d%H}"
    if count_of(tries) >= WRONG_AN_HOUR:
        raise TooManyTriesError(
            _("Terlalu banyak kode yang tidak dikenal. Coba lagi satu jam lagi."),
            seconds=HOUR_SECONDS,
        )
    try:
        digits = parse_visit_code(typed)
    except CodeTypoError as error:
        raise WrongVisitCodeError(
            _("Kode ini belum benar. Periksa lagi 12 angkanya."), field="code"
        ) from error
    row = (
        VisitCode.objects.select_related("complaint__office")
        .filter(digest=digest_of(digits), expires_on__gte=_today(at))
        .first()
    )
    if row is None:
        counted(tries, seconds=HOUR_SECONDS)
        raise _wrong()
    return row


def _today(at: datetime) -> date:
    """Return the day of Jakarta: in the east a code lasts two hours longer than its reporter was told."""
    return by_the_database(at).astimezone(_NATION).date()


def _card_key(complaint: Complaint) -> bytes | None:
    """Return the key that a report's card is sealed to. One query.

    Raises UnsealError for one that somebody put there with the database alone.
    """
    keys = SealedIdentity.objects.filter(complaint=complaint, card_key__isnull=False)
    sealed = keys.values_list("card_key", flat=True).first()
    if sealed is None:
        return None
    return envelope.unseal(bytes(sealed), context=card_key_context(complaint.public_id))


def _kind_of(picture: bytes) -> str:
    """Return the content type of a picture by how it begins. Nothing is decoded here."""
    for sign, kind in _SIGNS.items():
        if picture.startswith(sign):
            if len(picture) > IMAGE_BYTES_MAX:
                break
            return kind
    raise DomainError(_("Foto harus JPEG atau PNG, paling besar 5 MB."), field="card")


def _wrong() -> WrongVisitCodeError:
    return WrongVisitCodeError(
        _("Kode ini tidak berlaku: sudah dipakai, diganti, lewat waktunya, atau salah tulis."),
        field="code",
    )
