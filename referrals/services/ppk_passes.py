"""One link and one code for a PPK's office: given out, opened, answered with, ended.

The link and the code travel apart (the link by letter or mail, the code by telephone). Neither stands in
the database: the link's secret is derived from the installation's key, of the code a keyed digest is
kept. What an office does through a pass is done as an account of its agency that nobody can sign in
with; who pressed the button they say themselves, with name and post.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import OFFICE_DOMAIN
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.row_scopes import Scope, Sight, beyond, take
from referrals.models import FollowUp, PpkPass, PpkPassUse
from referrals.services.follow_up import Answer, answer_follow_up
from referrals.states import ENDED, FOLLOW_UP_OFFICERS

VALID_FOR = timedelta(days=60)
"""Longer than the ladder's first rungs; a new one is a button away."""
CODE_DIGITS = 8
MAX_FAILURES = 5
Kind = PpkPassUse.Kind


class PassGoneError(DomainError):
    """The link opens nothing: unknown, ended, or past its time."""


@dataclass(frozen=True)
class Given:
    """What is shown once: the pass, the secret of its link, and the code."""

    ppk_pass: PpkPass
    token: str
    code: str


def pass_token(public_id: UUID) -> str:
    """Return the secret of a pass's link."""
    mac = salted_hmac("referrals.ppk_pass.link", public_id.hex, algorithm="sha256")
    return urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def _code_mac(public_id: UUID, code: str) -> str:
    return salted_hmac(
        "referrals.ppk_pass.code", f"{public_id.hex}:{code}", algorithm="sha256"
    ).hexdigest()


@transaction.atomic
def give_pass(*, follow_up: FollowUp, officer: User, at: datetime) -> Given:
    """Make a pass; an earlier one ends. Raises NotPermittedError, DomainError when nothing is owed."""
    if not officer.has_role(*FOLLOW_UP_OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    # two at once: the second ends what the first gave out
    locked = FollowUp.objects.select_for_update(no_key=True).get(pk=follow_up.pk)
    if locked.status in ENDED:
        raise DomainError(_("Rekomendasi ini sudah selesai."), code="ended")
    for earlier in PpkPass.objects.filter(follow_up=locked, ended_at__isnull=True):
        _end(earlier, at=at)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    made = PpkPass(follow_up=locked, issued_by=officer, issued_at=at, expires_at=at + VALID_FOR)
    made.code_mac = _code_mac(made.public_id, code)
    made.save(force_insert=True)
    PpkPassUse.objects.create(ppk_pass=made, kind=Kind.ISSUED, at=at)
    return Given(made, pass_token(made.public_id), code)


@transaction.atomic
def end_pass(*, follow_up: FollowUp, officer: User, at: datetime) -> None:
    """End the open pass of a recommendation, if there is one."""
    if not officer.has_role(*FOLLOW_UP_OFFICERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    for ppk_pass in PpkPass.objects.filter(follow_up=follow_up, ended_at__isnull=True):
        _end(ppk_pass, at=at)


def _end(ppk_pass: PpkPass, *, at: datetime) -> None:
    if PpkPass.objects.filter(pk=ppk_pass.pk, ended_at__isnull=True).update(ended_at=at):
        PpkPassUse.objects.create(ppk_pass=ppk_pass, kind=Kind.ENDED, at=at)


def standing_pass(*, public_id: UUID, token: str, at: datetime) -> PpkPass:
    """Return the pass a link names. Raises PassGoneError. One query."""
    rows = PpkPass.objects.select_related("follow_up__agency", "follow_up__official")
    with beyond("a link names one pass"):
        ppk_pass = rows.filter(public_id=public_id).first()
    is_theirs = hmac.compare_digest(pass_token(public_id).encode(), token.encode(errors="replace"))
    if ppk_pass is None or not is_theirs:
        raise PassGoneError(_("Tautan ini tidak dikenal."), code="unknown")
    if ppk_pass.ended_at is not None or ppk_pass.expires_at <= at:
        raise PassGoneError(
            _("Akses ini sudah berakhir. Minta yang baru kepada pengirim."), code="ended"
        )
    take(Scope(Sight.AGENCY, str(ppk_pass.follow_up.agency_id)))
    return ppk_pass


@transaction.atomic
def open_pass(*, ppk_pass: PpkPass, code: str, at: datetime) -> bool:
    """Say whether the code is the pass's; the fifth wrong one ends the pass. Each try is written down."""
    typed = "".join(code.split())
    is_right = hmac.compare_digest(
        _code_mac(ppk_pass.public_id, typed).encode(), ppk_pass.code_mac.encode()
    )
    # Counted before it is told: of many tries at once no more than five are looked at.
    standing = PpkPass.objects.filter(
        pk=ppk_pass.pk, ended_at__isnull=True, failures__lt=MAX_FAILURES
    )
    if is_right:
        if not standing.exists():
            return False
        PpkPassUse.objects.create(ppk_pass=ppk_pass, kind=Kind.OPENED, at=at)
        return True
    if standing.update(failures=F("failures") + 1):
        PpkPassUse.objects.create(ppk_pass=ppk_pass, kind=Kind.WRONG_CODE, at=at)
        ppk_pass.refresh_from_db(fields=["failures"])
        if ppk_pass.failures >= MAX_FAILURES:
            _end(ppk_pass, at=at)
    return False


def answer_by_pass(
    *, ppk_pass: PpkPass, answer: Answer, name: str, position: str, at: datetime
) -> None:
    """Answer as the office the recommendation lies with. Errors as in :func:`answer_follow_up`."""
    if not name.strip():
        raise DomainError(_("Tulis nama Anda"), field="name")
    if not position.strip():
        raise DomainError(_("Tulis jabatan Anda"), field="position")
    with transaction.atomic():
        follow_up = ppk_pass.follow_up
        staff = office_account(follow_up.agency)
        answer_follow_up(follow_up=follow_up, answer=answer, staff=staff, at=at)
        PpkPassUse.objects.create(
            ppk_pass=ppk_pass,
            kind=Kind.ANSWERED,
            answer=follow_up.answers.order_by("pk").last(),
            name=name.strip(),
            position=position.strip(),
            at=at,
        )


@transaction.atomic
def office_account(agency: Agency) -> User:
    """Return the account an agency's office acts as through a pass; nobody can sign in with it."""
    email = f"ppk-{agency.code.lower()}@{OFFICE_DOMAIN}"
    Agency.objects.select_for_update().get(pk=agency.pk)  # two first answers of one agency at once
    known = User.objects.filter(email=email).first()
    if known is not None:
        return known
    return enrol_staff(
        email=email,
        name=f"PPK {agency.name}"[:120],
        password=None,
        roles=[Role.PPK_STAFF],
        agency=agency,
    )
