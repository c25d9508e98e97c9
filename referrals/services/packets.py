"""Making a packet of what was approved: record, letter, manifest, signature. Nothing else leaves."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared import envelope, sealed_files
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.new_rows import write_new
from bawaslu_cases.shared.prepared import Prepared
from complaints.models import Derivative
from complaints.services.evidence import derivative_content
from referrals.errors import DraftChangedError, LeakError, NotAcknowledgedError
from referrals.letters import TEMPLATE, recommendation_letter
from referrals.models import (
    Letter,
    MissingItemAnswer,
    Packet,
    PacketApproval,
    Referral,
    ReferralAttachment,
)
from referrals.packets.canonical import canonical, digest
from referrals.packets.files import manifest_of, packet_files
from referrals.packets.leaks import Finding, free_texts, leaks_in
from referrals.packets.metadata import told_by
from referrals.packets.outgoing import LETTER_PURPOSE, attachment_files, record_context
from referrals.packets.record import (
    NEVER_FROM_REPORTERS,
    attached_copies,
    attachment_name,
    draft_record,
    numbered,
    record_day,
)
from referrals.packets.signing import sign
from referrals.packets.sources import leak_sources
from referrals.states import PROPOSERS, ReferralStatus

MAX_ATTACHED_BYTES = 20 * 1024 * 1024
"""Of all copies of one packet; more comes through the case's own office."""


_APPROVAL = Prepared(
    lambda referral: (
        PacketApproval.objects.filter(referral=referral)
        .select_related("approver")
        .order_by("-pk")[:1]
    )
)


def draft_digest(*, referral: Referral, at: datetime) -> str:
    """Return the digest of everything the packet would say, number and day left out. Three queries."""
    return digest(canonical(draft_record(referral=referral, on=record_day(referral, at))))


def make_packet(
    *,
    referral: Referral,
    draw: Callable[[], str],
    at: datetime,
    copies: Sequence[Derivative],
) -> str:
    """Write letter and packet of an approved version, and return its number.

    Call inside the transaction that issues it. ``draw`` gives the number; it is called when all else is read
    and found to be what was approved, because letters of one office and year wait for each other from then to
    the end of the transaction. ``copies`` are its attachments. The same referral, number and day give the
    same bytes. Five queries and those of ``draw``; the keys of the rows are not told inside
    ``written_together``. Raises DraftChangedError when this is not what was approved, NoSigningKeyError, and
    what the stores raise.
    """
    version, day = referral.version, record_day(referral, at)
    draft = draft_record(referral=referral, on=day, copies=copies)
    # the newest approval, and it must be of this version: an earlier one stands for another draft
    approval = next(iter(_APPROVAL.rows(referral=referral.pk)), None)
    if (
        approval is None
        or approval.version != version
        or approval.draft_sha256 != digest(canonical(draft))
    ):
        raise DraftChangedError
    number = draw()
    record = numbered(draft, number=number, on=day)
    written = canonical(record)
    letter = recommendation_letter(record)
    manifest = manifest_of(
        number=number,
        version=version,
        files=packet_files(written, letter, attachment_files(copies)),
    )
    signature, signed_by = sign(manifest)
    stored = sealed_files.store(letter, purpose=LETTER_PURPOSE)
    write_new(
        Letter(
            referral=referral,
            version=version,
            template=TEMPLATE,
            storage_name=stored.name,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            rendered_at=at,
        )
    )
    packet = Packet(
        referral=referral,
        version=version,
        record=envelope.seal(written, context=record_context(referral, version)),
        manifest=manifest.decode(),
        sha256=digest(manifest),
        signature=signature,
        signed_by=signed_by,
        made_at=at,
    )
    write_new(packet)
    audit.record(
        actor=f"{audit.SYSTEM}:packets",
        action="referral.packet_made",
        subject=f"referral:{referral.public_id.hex}",
        detail={
            "version": version,
            "packet": packet.sha256,
            "audience": draft["audience"],
            "attachments": len(draft["evidence"]),
            "approved_by": approval.approver.public_id,
            "acknowledged": approval.acknowledged,
            # what no packet holds; said so that the log shows it for each (peers.md 165)
            "reporter": False,
            "statement": False,
            "report_day": False,
            "originals": False,
        },
    )
    return number


@dataclass(frozen=True)
class DraftReview:
    """A draft as the second person sees it: its digest, and what was found in it."""

    digest: str
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What must be changed before anybody may approve."""
        return tuple(each for each in self.findings if each.blocks)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What an approver must take note of."""
        return tuple(each for each in self.findings if not each.blocks)


def review_draft(*, referral: Referral, at: datetime) -> DraftReview:
    """Look through everything the packet would say, and what its recipient reads beside it.

    Eleven queries, one more after a first version, and each attachment is read.

    Raises what the store of evidence raises.
    """
    draft = draft_record(referral=referral, on=record_day(referral, at))
    texts = free_texts(draft, summary=referral.summary, assessment=referral.case.assessment)
    texts |= answers_that_leave(referral)
    findings = leaks_in(texts, leak_sources(referral))
    return DraftReview(
        digest(canonical(draft)), (*findings, *attachment_findings(attached_copies(referral)))
    )


def answers_that_leave(referral: Referral) -> dict[str, str]:
    """Return what this version answers to a return, by place. One query, none for a first version."""
    if referral.version == 1:
        return {}
    rows = MissingItemAnswer.objects.filter(item__referral=referral).order_by("pk")
    return {
        f"answer.{number}": words
        for number, words in enumerate(rows.values_list("words", flat=True), start=1)
    }


def attachment_findings(copies: Sequence[Derivative]) -> list[Finding]:
    """Return what is wrong with copies that are to leave."""
    found = []
    for number, copy in enumerate(copies, start=1):
        path, name = f"evidence.{number}", attachment_name(number, copy)
        told = told_by(b"".join(derivative_content(copy)), copy.content_type)
        if told:
            words = f"{name}: {', '.join(told)}"
            found.append(Finding("metadata", path, words=words))
        if copy.evidence.added_by_id is None:
            found.append(Finding("reporter_file", path, words=name))
    return found


@transaction.atomic
def approve_draft(
    *,
    referral: Referral,
    approver: User,
    at: datetime,
    seen: str = "",
    acknowledged: Collection[str] = (),
) -> PacketApproval:
    """Bind an approval to the draft: its digest, and the warnings its approver took note of.

    ``seen`` is the digest of what they read, "" for a caller that shows nothing; ``acknowledged`` holds
    the keys of warnings. Raises DomainError without a summary, DraftChangedError, LeakError while
    anything blocks, NotAcknowledgedError, and ConflictError when another version was laid down meanwhile.
    """
    hold_version(referral)
    if not referral.summary.strip():
        # what was sent on without a register has no assessment to take one from
        raise DomainError(
            _("Tulis ringkasan peristiwa dulu dengan “Ajukan lagi”."), code="no_summary"
        )
    looked = review_draft(referral=referral, at=at)
    if seen and seen != looked.digest:
        raise DraftChangedError
    if looked.blocking:
        raise LeakError(looked.blocking)
    if missing := {each.key for each in looked.warnings}.difference(acknowledged):
        raise NotAcknowledgedError(len(missing))
    return PacketApproval.objects.create(
        referral=referral,
        version=referral.version,
        draft_sha256=looked.digest,
        acknowledged=sorted(each.key for each in looked.warnings),
        approver=approver,
        at=at,
    )


def hold_version(referral: Referral) -> None:
    """Lock a referral until the transaction ends. Raises ConflictError when it is another by now."""
    held = Referral.objects.select_for_update(no_key=True).get(pk=referral.pk)
    if (held.version, held.status) != (referral.version, referral.status):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))


def refuse_leaks(*, referral: Referral, texts: Mapping[str, str], field: str = "summary") -> None:
    """Raise LeakError when a text, by its place, holds what blocks; the page keeps it. Seven queries."""
    found = leaks_in(texts, leak_sources(referral))
    if blocking := tuple(each for each in found if each.blocks):
        raise LeakError(blocking, field=field)


@transaction.atomic
def attach_copy(
    *, referral: Referral, copy: Derivative, officer: User, at: datetime, is_checked: bool
) -> ReferralAttachment:
    """Choose a safe copy to go with a proposal.

    Raises NotPermittedError, DomainError once it is no proposal any more, for what never leaves (a
    reporter's picture or text) and for more than a packet carries.
    """
    held = _open_proposal(referral, officer)
    if copy.evidence.added_by_id is None:
        if copy.evidence.kind in NEVER_FROM_REPORTERS:
            raise DomainError(
                _(
                    "Gambar dan teks dari pelapor tidak dilampirkan. Rekam ulang unggahannya sendiri."
                ),
                code="reporters_own",
            )
        if not is_checked:
            raise DomainError(
                _("Periksa dulu nama, bilah layar, dan pantulan pada lampiran dari pelapor."),
                code="not_checked",
            )
    attached = attached_copies(held)
    if sum(each.size_bytes for each in attached) + copy.size_bytes > MAX_ATTACHED_BYTES:
        raise DomainError(_("Lampiran melebihi 20 MB."), code="too_large")
    row, _is_new = ReferralAttachment.objects.get_or_create(
        referral=held,
        copy=copy,
        defaults={"is_checked": is_checked, "added_by": officer, "added_at": at},
    )
    return row


@transaction.atomic
def detach_copy(*, referral: Referral, copy: Derivative, officer: User) -> None:
    """Leave a copy out again. Raises NotPermittedError, DomainError as :func:`attach_copy`."""
    held = _open_proposal(referral, officer)
    ReferralAttachment.objects.filter(referral=held, copy=copy).delete()


def _open_proposal(referral: Referral, officer: User) -> Referral:
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    held = Referral.objects.select_for_update(no_key=True).get(pk=referral.pk)
    if held.status not in {ReferralStatus.PROPOSED, ReferralStatus.RETURNED}:
        raise DomainError(_("Lampiran tidak dapat diubah lagi."), code="too_late")
    return held
