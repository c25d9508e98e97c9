"""One version of a referral to each of its destinations: promised, handed over, answered, replaced.

Every destination has its own row, its own outbox message and its own state; the referral counts as
delivered when the first of them was reached, and the recipient's clock starts then.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import UUIDField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import RecipientKind
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.joined import joined
from bawaslu_cases.shared.new_rows import write_new, written_together
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.prepared import Prepared
from bawaslu_cases.shared.row_scopes import Scope, Sight, beyond, take
from complaints.services.deadlines import end_deadline, local_day, new_deadline
from complaints.services.milestones import reach_case_milestone
from complaints.states import Milestone
from referrals.gateways import INBOX, Handed, Parcel, gateway
from referrals.models import (
    Delivery,
    Destination,
    Dispatch,
    HandOver,
    Referral,
    ReferralDeadline,
    ReferralItem,
)
from referrals.packets import outgoing_packet
from referrals.services.follow_up import PROOF_PURPOSE, proof_type
from referrals.services.transitions import move_dispatch, move_referral, open_dispatch_history
from referrals.services.versions import keep_version
from referrals.states import (
    AT_RECIPIENT,
    DISPATCH_LIFECYCLE,
    SENDERS,
    Channel,
    DestinationStatus,
    DispatchAction,
    DispatchStatus,
    ReferralAction,
    ReferralStatus,
)

DELIVER = "referral.deliver"
FETCH_WITHIN = timedelta(days=14)


class GoneError(DomainError):
    """The link was used, has ended, or never was one."""


# --- promising and sending --------------------------------------------------------------------------


_DISPATCHES = Prepared(lambda referral: Dispatch.objects.filter(referral=referral))
_PLACES = Prepared(
    lambda recipient: Destination.objects.filter(
        recipient=recipient, status=DestinationStatus.ACTIVE
    )
)
_WAYS = Prepared(
    lambda public_id, destination: Dispatch.objects.select_related(
        "referral__case__office__region", "referral__recipient"
    ).filter(referral__public_id=Cast(Value(public_id), UUIDField()), destination=destination)
)
_NEAR_WAYS = Prepared(
    lambda public_id: (
        # what a delivery to the inbox reads; a hundred columns cost the planner more than the rows
        Dispatch.objects.select_related("referral__case__office", "referral__recipient")
        .only(
            *("public_id", "version", "destination", "channel", "status", "status_at", "round"),
            *("referral__public_id", "referral__version", "referral__status"),
            *("referral__status_at", "referral__case__office__time_zone"),
            "referral__recipient__valid_to",
        )
        .filter(referral__public_id=Cast(Value(public_id), UUIDField()), destination=INBOX)
        .select_for_update(no_key=True, of=("referral",))
    )
)
_HELD = Prepared(lambda key: Referral.objects.select_for_update(no_key=True).filter(pk=key))


def dispatch_subject(dispatch: Dispatch) -> str:
    """Return what a message says of a dispatch: the referral's public id, version and round."""
    return f"{dispatch.referral.public_id}:{dispatch.version}:{dispatch.round}"


@joined
def open_dispatches(*, referral: Referral, at: datetime, is_first: bool = False) -> list[Dispatch]:
    """Promise the current version to every destination of its recipient, and stop earlier versions.

    A recipient without an address of its own reads in the product. ``is_first``: no version was ever
    promised. Queries: two, one for the first; three for each destination; one more for each earlier
    dispatch that is stopped.
    """
    known = set()
    for dispatch in () if is_first else _DISPATCHES.rows(referral=referral.pk):
        if dispatch.version == referral.version:
            known.add(dispatch.destination)
        elif dispatch.status != DispatchStatus.SUPERSEDED:
            move_dispatch(dispatch=dispatch, action=DispatchAction.SUPERSEDE, actor=None, at=at)
    in_use = _PLACES.rows(recipient=referral.recipient_id)
    places = [(place.code, place.channel) for place in in_use] or [(INBOX, Channel.INBOX.value)]
    places = [each for each in places if each[0] not in known]
    made = []
    for code, channel in places:
        dispatch = Dispatch(
            referral=referral,
            version=referral.version,
            destination=code,
            channel=channel,
            status=DISPATCH_LIFECYCLE.initial,
            status_at=at,
            created_at=at,
        )
        write_new(dispatch)
        open_dispatch_history(dispatch=dispatch, at=at)
        publish(topic=DELIVER, subject_id=dispatch_subject(dispatch), destination=code)
        made.append(dispatch)
    return made


def supersede_dispatches(*, referral: Referral, at: datetime, reason: str = "") -> None:
    """Stop what is open of a referral's versions, each with its event."""
    rows = Dispatch.objects.filter(referral=referral).exclude(status=DispatchStatus.SUPERSEDED)
    for dispatch in rows:
        move_dispatch(
            dispatch=dispatch, action=DispatchAction.SUPERSEDE, actor=None, at=at, reason=reason
        )


@joined
def deliver_referral(*, subject_id: str, destination: str, at: datetime | None = None) -> None:
    """Hand one version to one destination. Twice is harmless.

    ``at`` is the moment of delivery; the outbox leaves it out and it is now. Runs inside the
    transaction that marks its message done; what a gateway sends carries the same key at every
    attempt. Raises what the gateway raises, PermanentError when asking again cannot help.
    """
    public_id, version, asked = (*subject_id.split(":"), "1")[:3]
    is_near = destination == INBOX  # nothing to wait for: the referral is locked as it is read
    if is_near:
        ways = _NEAR_WAYS.rows(public_id=str(UUID(public_id)))
    else:
        ways = _WAYS.rows(public_id=str(UUID(public_id)), destination=destination)
    dispatch = next((way for way in ways if way.version == int(version)), None)
    if dispatch is None or dispatch.round != int(asked):
        return
    if dispatch.status != DispatchStatus.PENDING:
        return
    at = at or timezone.now()
    referral = dispatch.referral
    on = local_day(at, referral.case.office)
    if referral.version != dispatch.version or _has_ended(referral, on):
        # The nightly step takes a referral to the body's successor; nothing goes to one that is gone.
        move_dispatch(dispatch=dispatch, action=DispatchAction.SUPERSEDE, actor=None, at=at)
        return
    place = None
    if dispatch.destination != INBOX:
        place = Destination.objects.get(code=dispatch.destination)
        if place.status != DestinationStatus.ACTIVE:
            _go_elsewhere(dispatch, at=at)
            return
    handed, sha256 = _hand_over(dispatch, place, at)
    if not is_near:
        # From here on the referral itself is written: of two destinations at once one does it first.
        (held,) = _HELD.rows(key=referral.pk)
        held.case = referral.case  # a referral keeps its case, and that row is at hand
        dispatch.referral = held
    with written_together():
        move_dispatch(
            dispatch=dispatch,
            action=DispatchAction.PRINT if handed.by_person else DispatchAction.SEND,
            actor=None,
            at=at,
            also={"receipt": handed.receipt, "packet_sha256": sha256},
        )
        if not handed.by_person:
            _reached(dispatch, at=at)


def _has_ended(referral: Referral, on: date) -> bool:
    last = referral.recipient.valid_to
    return last is not None and last < on


def _go_elsewhere(dispatch: Dispatch, *, at: datetime) -> None:
    """Stop a way whose address has ended. Was it the last one, the version takes those in use now."""
    referral = dispatch.referral
    move_dispatch(
        dispatch=dispatch,
        action=DispatchAction.SUPERSEDE,
        actor=None,
        at=at,
        reason=_("Tujuan ini tidak dipakai lagi."),
    )
    others = Dispatch.objects.filter(referral=referral, version=dispatch.version)
    if not others.exclude(status=DispatchStatus.SUPERSEDED).exists():
        open_dispatches(referral=referral, at=at)


def _hand_over(dispatch: Dispatch, place: Destination | None, at: datetime) -> tuple[Handed, str]:
    """Make the parcel and give it to the gateway; return what it said and the packet's digest."""
    way = gateway(dispatch.channel)
    key = f"{dispatch.public_id}-{dispatch.round}"
    name = f"rujukan-{dispatch.public_id.hex[:8]}-{dispatch.round}.age"
    if place is None:
        return way.deliver(parcel=Parcel(key, name, b"", "", at), address={}), ""
    packet = outgoing_packet(dispatch.referral, dispatch.version)
    content = packet.closed_for([place.age_key]) if way.carries else b""
    # asked for where it is needed: to know its address a worker loads every page
    link = fetch_link(dispatch) if dispatch.channel == Channel.EMAIL else ""
    parcel = Parcel(key, name, content, link, at)
    return way.deliver(parcel=parcel, address=place.address()), packet.sha256


def _reached(dispatch: Dispatch, *, at: datetime) -> None:
    """Write the proof that a destination was reached; the first one moves the referral on."""
    referral = dispatch.referral
    write_new(
        Delivery(
            referral=referral,
            version=dispatch.version,
            destination=dispatch.destination,
            delivered_at=at,
        ),
        known="left",
    )
    if referral.status != ReferralStatus.ISSUED:
        return
    day = local_day(at, referral.case.office)
    deadline = new_deadline(
        model=ReferralDeadline,
        kind="recipient_review",
        office=referral.case.office,
        regime="",
        starts_on=day,
        referral=referral,
    )
    move_referral(
        referral=referral,
        action=ReferralAction.DELIVER,
        actor=None,
        at=at,
        also={"due_at": deadline.due_at},
    )
    write_new(deadline)
    reach_case_milestone(case=referral.case, kind=Milestone.FORWARDED, on=day)


@transaction.atomic
def send_again(*, dispatch: Dispatch, officer: User, at: datetime, reason: str) -> None:
    """Send once more what was sent: a lost mail, a link that ended. An earlier link opens nothing then."""
    move_dispatch(
        dispatch=dispatch,
        action=DispatchAction.SEND_AGAIN,
        actor=officer,
        at=at,
        reason=reason,
        also={"round": dispatch.round + 1, "receipt": ""},
    )
    publish(topic=DELIVER, subject_id=dispatch_subject(dispatch), destination=dispatch.destination)


# --- fetched over a link ----------------------------------------------------------------------------


def fetch_token(dispatch: Dispatch) -> str:
    """Return the secret of a dispatch's link: made from the key of the installation, stored nowhere."""
    mac = salted_hmac(
        "referrals.fetch", f"{dispatch.public_id}:{dispatch.round}", algorithm="sha256"
    )
    return urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def fetch_link(dispatch: Dispatch) -> str:
    """Return the whole address of the link, or nothing when nobody told where the product is."""
    if not settings.DESK_ORIGIN:
        return ""
    path = reverse("fetch:page", args=[dispatch.public_id, fetch_token(dispatch)])
    return f"{settings.DESK_ORIGIN}{path}"


def fetchable(*, public_id: UUID, token: str, at: datetime) -> Dispatch:
    """Return the dispatch a link opens. Raises GoneError; the reason is for whoever holds the link."""
    rows = Dispatch.objects.select_related("referral__case__office")
    with beyond("a link names one dispatch"):
        dispatch = rows.filter(public_id=public_id, channel=Channel.EMAIL).first()
    if dispatch is None or not hmac.compare_digest(
        fetch_token(dispatch).encode(), token.encode(errors="replace")
    ):
        raise GoneError(_("Tautan ini tidak dikenal."), code="unknown")
    if dispatch.status == DispatchStatus.ACKNOWLEDGED:
        raise GoneError(_("Berkas ini sudah diambil."), code="fetched")
    if dispatch.status != DispatchStatus.SENT or at - dispatch.status_at > FETCH_WITHIN:
        raise GoneError(_("Tautan ini sudah berakhir."), code="ended")
    take(Scope(Sight.RECIPIENT, str(dispatch.referral.recipient_id)))
    return dispatch


@transaction.atomic
def fetch(*, public_id: UUID, token: str, at: datetime) -> tuple[str, bytes]:
    """Give the closed packet out, once; return file name and bytes. Raises GoneError.

    Of two at once one gets it: the step to "acknowledged" is compare-and-set.
    """
    dispatch = fetchable(public_id=public_id, token=token, at=at)
    place = Destination.objects.get(code=dispatch.destination)
    packet = outgoing_packet(dispatch.referral, dispatch.version)
    content = packet.closed_for([place.age_key])
    try:
        move_dispatch(
            dispatch=dispatch, action=DispatchAction.ACKNOWLEDGE, actor=None, at=at, reason=""
        )
    except ConflictError as error:
        raise GoneError(_("Berkas ini sudah diambil."), code="fetched") from error
    return f"rujukan-{dispatch.public_id.hex[:8]}-{dispatch.round}.age", content


# --- carried by a person ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """Who took a printed referral, where and when, and the signed slip as a file."""

    received_by: str
    position: str
    place: str
    handed_on: date
    proof: bytes


@transaction.atomic
def record_hand_over(*, dispatch: Dispatch, slip: Slip, officer: User, at: datetime) -> None:
    """Record that a printed referral was given into somebody's hands. Raises DomainError per field."""
    if not officer.has_role(*SENDERS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    office = dispatch.referral.case.office
    today = local_day(at, office)
    for field, text in (
        ("received_by", slip.received_by),
        ("position", slip.position),
        ("place", slip.place),
    ):
        if not text.strip():
            raise DomainError(_("Isi bagian ini."), field=field)
    if slip.handed_on > today:
        raise DomainError(_("Tanggal tidak boleh setelah hari ini"), field="handed_on")
    if slip.handed_on < local_day(dispatch.created_at, office):
        raise DomainError(_("Tanggal lebih awal daripada suratnya"), field="handed_on")
    kind = proof_type(slip.proof)
    stored = sealed_files.store(slip.proof, purpose=PROOF_PURPOSE)
    try:
        dispatch.referral = (
            Referral.objects.select_for_update(of=("self",), no_key=True)
            .select_related("case__office__region")
            .get(pk=dispatch.referral_id)
        )
        move_dispatch(dispatch=dispatch, action=DispatchAction.HAND_OVER, actor=officer, at=at)
        HandOver.objects.create(
            dispatch=dispatch,
            received_by=slip.received_by.strip(),
            position=slip.position.strip(),
            place=slip.place.strip(),
            handed_on=slip.handed_on,
            proof_name=stored.name,
            proof_sha256=stored.sha256,
            proof_type=kind,
            recorded_by=officer,
            recorded_at=at,
        )
        _reached(dispatch, at=at)
    except BaseException:
        sealed_files.remove(stored.name)
        raise


# --- a body ends ------------------------------------------------------------------------------------


REROUTABLE = (
    ReferralStatus.PROPOSED,
    ReferralStatus.APPROVED,
    ReferralStatus.ISSUED,
    ReferralStatus.RETURNED,
    *sorted(AT_RECIPIENT),
)


def reroute_ended(*, at: datetime) -> int:
    """Take every referral that lies with a body that has ended to its successor; return how many.

    Each becomes a proposal to the new body with its own next version: a person looks at it and
    approves (the letter names another addressee). Harmless twice. One transaction each.
    """
    ended = Referral.objects.filter(
        recipient__valid_to__lt=timezone.localdate(at), status__in=REROUTABLE
    ).values_list("pk", flat=True)
    return sum(_reroute(pk, at=at) for pk in list(ended))


@transaction.atomic
def _reroute(pk: int, *, at: datetime) -> bool:
    referral = (
        Referral.objects.select_for_update(of=("self",), no_key=True)
        .select_related("recipient", "case__office")
        .filter(pk=pk)
        .first()
    )
    if referral is None:
        return False  # moved while this waited: the row no longer fits the body it was read with
    on = local_day(at, referral.case.office)
    if referral.status not in REROUTABLE or not _has_ended(referral, on):
        return False
    successor = registry.recipient_on(on, kind=RecipientKind(referral.recipient.kind))
    if (
        Referral.objects.filter(case=referral.case_id, recipient=successor)
        .exclude(status=ReferralStatus.WITHDRAWN)
        .exists()
    ):
        return False  # somebody was faster: the case lies there already
    former = referral.recipient.short_name
    reason = _("%(former)s berakhir; diteruskan kepada %(body)s.") % {
        "former": former,
        "body": successor.short_name,
    }
    supersede_dispatches(referral=referral, at=at, reason=reason)
    end_deadline(referral.deadlines.all(), on=on)
    lines = list(referral.items.filter(version=referral.version))
    move_referral(
        referral=referral,
        action=ReferralAction.REROUTE,
        actor=None,
        at=at,
        reason=reason,
        also={"recipient": successor, "due_at": None, "version": referral.version + 1},
    )
    for line in lines:
        line.pk, line.version = None, referral.version
        line.explanation = [*line.explanation, [reason, "", ""]]
    ReferralItem.objects.bulk_create(lines)
    keep_version(referral=referral, officer=None, at=at, reason=reason)
    return True
