"""The correspondence of one record, as either side may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from bawaslu_cases.shared import envelope
from complaints.models import Complaint, Message
from complaints.vault.crypto.errors import VaultError
from complaints.vault.crypto.sealing import open_in_mailbox


@dataclass(frozen=True)
class ReadMessage:
    """One message, opened for one view. ``text`` is None where this side cannot open it.

    Never who wrote it: a reporter is not told officers' names. The repr hides the words.
    """

    public_id: UUID
    kind: Message.Kind
    scheme: Message.Scheme
    is_from_reporter: bool
    on: date
    is_read: bool
    text: str | None

    def __repr__(self) -> str:
        return "ReadMessage(…)"


def messages_for_reporter(*, complaint: Complaint, mailbox_key: bytes) -> Sequence[ReadMessage]:
    """Return the messages the holder of the receipt can read, the newest last. One query.

    ``mailbox_key`` is the 32-byte private key derived from the receipt. Own messages carry no text:
    a coercer with the code must not read back what was told (check R09).
    """
    return [
        _read(row, _opened(row, report=complaint.public_id, mailbox_key=mailbox_key))
        for row in complaint.messages.all()
    ]


def _opened(row: Message, *, report: UUID, mailbox_key: bytes) -> str | None:
    if row.scheme != Message.Scheme.MAILBOX:
        return None
    try:
        words = open_in_mailbox(
            mailbox_key, bytes(row.sealed), report=report.hex, message_id=row.public_id.hex
        )
    except VaultError:
        return None
    return str(words.get("text", ""))


def messages_for_desk(complaint: Complaint) -> Sequence[ReadMessage]:
    """Return what the desk sees, the newest last: the reporter's words where the server holds the key.

    One query. What was sealed to the reporter or to the verification desk has no text here.
    """
    return [
        _read(
            row,
            envelope.unseal(bytes(row.sealed), context=("message", row.public_id.hex)).decode()
            if row.scheme == Message.Scheme.ENVELOPE
            else None,
        )
        for row in complaint.messages.all()
    ]


def _read(row: Message, text: str | None) -> ReadMessage:
    return ReadMessage(
        public_id=row.public_id,
        kind=Message.Kind(row.kind),
        scheme=Message.Scheme(row.scheme),
        is_from_reporter=row.direction == Message.Direction.FROM_REPORTER,
        on=row.on,
        is_read=row.read_on is not None,
        text=text,
    )
