"""Question and answer between a reviewer and the sending office, about the file and nobody's source.

A question stops no clock and changes no state. A reply leaves the house like a packet: what the leak
lint finds in it stops it, and it says nothing of who told what.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from referrals.errors import LeakError
from referrals.models import Referral, ReviewQuestion, ReviewReply
from referrals.packets.leaks import leaks_in
from referrals.packets.sources import leak_sources
from referrals.states import AT_RECIPIENT, PROPOSERS, REVIEWERS, ReferralStatus

MAX_WORDS = 2000
MAX_OPEN = 10
"""Questions that wait for a reply at once; a longer list is a return."""


@transaction.atomic
def ask_sender(*, referral: Referral, reviewer: User, at: datetime, words: str) -> ReviewQuestion:
    """Ask the sending office something about the version the body holds.

    Raises NotPermittedError for another body, DomainError without words, when the body no longer has
    the next word, and beyond :data:`MAX_OPEN`.
    """
    if reviewer.recipient_body_id != referral.recipient_id or not reviewer.has_role(*REVIEWERS):
        raise NotPermittedError(_("Rujukan ini ditujukan kepada lembaga lain."))
    if not words.strip():
        raise DomainError(_("Tulis pertanyaannya"), field="words")
    held = Referral.objects.select_for_update(no_key=True).get(pk=referral.pk)
    if held.status not in AT_RECIPIENT or held.version != referral.version:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    if held.questions.filter(reply__isnull=True).count() >= MAX_OPEN:
        raise DomainError(_("Masih ada 10 pertanyaan yang belum dijawab."), code="too_many")
    return ReviewQuestion.objects.create(
        referral=held,
        version=held.version,
        words=words.strip()[:MAX_WORDS],
        asked_by=reviewer,
        asked_at=at,
    )


REPLIABLE = AT_RECIPIENT | {ReferralStatus.RETURNED}
"""Where the body holds what was asked about; while a next version is made, that version answers."""


@transaction.atomic
def answer_question(
    *, question: ReviewQuestion, officer: User, at: datetime, words: str, is_compared: bool
) -> ReviewReply:
    """Answer a question, once.

    ``is_compared``: the officer held the words against what only a verifier can open. Raises
    NotPermittedError, LeakError for whatever the lint finds (a word that points at a source included),
    DomainError without words or, where statements are sealed, without ``is_compared``, ConflictError.
    """
    if not officer.has_role(*PROPOSERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    words = words.strip()[:MAX_WORDS]
    if not words:
        raise DomainError(_("Tulis jawabannya"), field="words")
    referral = Referral.objects.select_for_update(no_key=True).get(pk=question.referral_id)
    if referral.status not in REPLIABLE:
        raise ConflictError(_("Rujukan ini tidak lagi di penerima. Muat ulang halaman."))
    sources = leak_sources(referral)
    found = leaks_in({"answer": words}, sources)
    # nobody approves a reply after its writer, so what a packet only warns of stops it, too
    if stopping := tuple(each for each in found if each.code != "sealed_statement"):
        raise LeakError(stopping, field="words")
    if sources.sealed and not is_compared:
        raise DomainError(
            _("Cocokkan dulu dengan verifikator: pernyataan pelapor tersegel."),
            code="not_compared",
            field="is_compared",
        )
    reply, is_new = ReviewReply.objects.get_or_create(
        question=question,
        defaults={
            "words": words,
            "is_compared": bool(sources.sealed),
            "replied_by": officer,
            "replied_at": at,
        },
    )
    if not is_new:
        raise ConflictError(_("Pertanyaan ini sudah dijawab. Muat ulang halaman."))
    return reply
