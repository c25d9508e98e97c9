"""Messages between the desk and a reporter: each sealed to the one who is to read it.

To the reporter: to the key their receipt derives, so that neither the database nor the server can
open it without the code. From the reporter: to the verification desk in lane ``sealed``, otherwise
under the server's keyring.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.drawn_keys import draw_key
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import Complaint, Message, Receipt
from complaints.services.deadlines import local_day
from complaints.services.vault import sealing_keys
from complaints.states import OFFICERS, Lane
from complaints.vault.crypto.sealing import seal_for_desk, seal_for_mailbox

MAX_MESSAGE = 4000
SENDERS = OFFICERS | {Role.VERIFIER}
Kind = Message.Kind
A_DAY: Mapping[Kind, int] = {Kind.MESSAGE: 10, Kind.CHECK_IN: 5, Kind.LPSK: 3, Kind.WITHDRAWAL: 3}
"""How many of a kind one record takes from its reporter on one day: a desk can read that many.

Each kind for itself, so that whoever wrote much can still say that they are in danger. An answer to
what the desk asked has no number: there is one for each question.
"""


@transaction.atomic
def send_to_reporter(
    *, complaint: Complaint, officer: User, text: str, at: datetime, kind: Kind = Kind.MESSAGE
) -> Message:
    """Send words that only the holder of the receipt can read. The desk keeps no copy.

    Raises NotPermittedError, DomainError for an empty or too long text or a record without receipt.
    """
    if not officer.has_role(*SENDERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    text = _checked(text)
    receipt = Receipt.objects.filter(complaint=complaint).first()
    if receipt is None:
        raise DomainError(_("Laporan ini tidak punya kotak surat pelapor."), code="no_mailbox")
    public_id = uuid4()
    day = local_day(at, complaint.office)
    return Message.objects.create(
        id=message_key(complaint, on=day),
        public_id=public_id,
        complaint=complaint,
        direction=Message.Direction.TO_REPORTER,
        kind=kind,
        scheme=Message.Scheme.MAILBOX,
        sealed=seal_for_mailbox(
            {"text": text},
            report=complaint.public_id.hex,
            message_id=public_id.hex,
            mailbox_pk=bytes(receipt.mailbox_pk),
        ),
        author=officer,
        on=day,
    )


@transaction.atomic
def send_to_desk(
    *, complaint: Complaint, text: str, at: datetime, kind: Kind = Kind.MESSAGE
) -> Message:
    """Keep a reporter's words for the desk.

    Raises DomainError for an empty or too long text, or when the day's number is used up.
    """
    text = _checked(text)
    day = local_day(at, complaint.office)
    key = reporters_next_key(complaint, kind=kind, on=day)
    public_id = uuid4()
    message = Message(
        id=key,
        public_id=public_id,
        complaint=complaint,
        direction=Message.Direction.FROM_REPORTER,
        kind=kind,
        on=day,
    )
    if complaint.lane == Lane.SEALED:
        desk = sealing_keys(office=complaint.office, on=day).group_a
        message.scheme, message.group, message.epoch = Message.Scheme.DESK, desk.group, desk.epoch
        message.sealed = seal_for_desk(
            text,
            report=complaint.public_id.hex,
            kind=f"message:{public_id.hex}",
            group_a=desk,
        )
    else:
        message.scheme = Message.Scheme.ENVELOPE
        message.sealed = envelope.seal(text.encode(), context=message_context(public_id))
    message.save(force_insert=True)
    return message


def message_key(complaint: Complaint, *, on: date) -> int:
    """Return the key of a record's next message. One query."""
    last = complaint.messages.order_by().aggregate(last=Max("pk"))["last"]
    return draw_key(on, after=last)


def reporters_next_key(complaint: Complaint, *, kind: Kind, on: date) -> int:
    """Return the key of a reporter's next message, unless they sent enough of its kind that day.

    Call inside the transaction that keeps the message: the record stays locked until it ends, so
    sending from many windows at once passes no more. Two queries. Raises DomainError.
    """
    Complaint.objects.select_for_update(no_key=True).only("pk").get(pk=complaint.pk)
    today = Q(direction=Message.Direction.FROM_REPORTER, kind=kind, on=on)
    found = complaint.messages.order_by().aggregate(last=Max("pk"), sent=Count("pk", filter=today))
    if kind in A_DAY and found["sent"] >= A_DAY[kind]:
        raise DomainError(
            _(
                "Hari ini sudah %(number)d kali dikirim. Isian Anda masih ada di sini. "
                "Kirim besok, atau hapus satu pesan hari ini lalu kirim lagi."
            )
            % {"number": A_DAY[kind]},
            code="enough_today",
        )
    return draw_key(on, after=found["last"])


def message_context(public_id: UUID) -> tuple[str, str]:
    """Return what binds a message under the server's keyring to its row."""
    return ("message", public_id.hex)


def delete_message(*, complaint: Complaint, public_id: UUID) -> bool:
    """Delete one of the reporter's own messages for good; False when there is no such one."""
    own = complaint.messages.filter(public_id=public_id, direction=Message.Direction.FROM_REPORTER)
    return bool(own.delete()[0])


def mark_read(*, complaint: Complaint, on: date) -> int:
    """Note that the desk has seen the reporter's messages; return how many were new.

    The other way round nothing is noted: when a reporter reads is nobody's business.
    """
    return complaint.messages.filter(
        direction=Message.Direction.FROM_REPORTER, read_on__isnull=True
    ).update(read_on=on)


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise DomainError(_("Tulis pesannya"), field="text")
    if len(text) > MAX_MESSAGE:
        raise DomainError(_("Pesan terlalu panjang, paling banyak 4.000 huruf"), field="text")
    return text
