"""What a packet is compared with before it leaves: the only place of this app that opens statements.

Nothing of it is shown or kept: words become digests here, names stay in memory for one look. What is
sealed to a verification desk the server cannot open; it is counted, and the approver is told.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import (
    Case,
    Complaint,
    ComplaintOfficial,
    Hearing,
    Message,
    Official,
    Statement,
)
from complaints.selectors.vault import pseudonym
from complaints.states import Lane
from referrals.models import Referral
from referrals.packets.leaks import SHARED_WORDS, LeakSources, folded_field, word_runs

_NAMED = re.compile(r"\b[A-Z\u00c0-\u00d6\u00d8-\u00de][^\W\d_]{3,}\b")


def leak_sources(referral: Referral) -> LeakSources:
    """Return what this referral's packet must not repeat. Seven queries.

    Reports and tips of the case count, and the tip a finding was traced from; a finding's own words are
    an officer's.
    """
    officials = [item.official for item in referral.lines().select_related("official")]
    event_days = set(referral.lines().values_list("allegation__event_on", flat=True))
    return _sources(referral.case_id, officials, event_days, _officers(referral))


def case_leak_sources(case: Case) -> LeakSources:
    """Return what nothing that is told of a case may repeat, referred or not. Seven queries."""
    allegations = case.allegations.select_related("official")
    officials = [each.official for each in allegations]
    event_days = {each.event_on for each in allegations}
    takers = {key for key in case.events.values_list("actor_id", flat=True) if key is not None}
    officers = User.objects.filter(
        office__isnull=False, pk__in=[*takers, case.assignee_id or 0]
    ).values_list("name", flat=True)
    return _sources(case.pk, officials, event_days, list(officers))


@beyond("what may not be repeated is compared wherever it was told, and shown to nobody")
def _sources(
    case_id: int, officials: Sequence[Official], event_days: set[date], officers: Sequence[str]
) -> LeakSources:
    told = _told_records(case_id)
    texts, protected, sealed = _opened(told)
    hearings = Hearing.objects.filter(case=case_id).exclude(person="")
    protected += hearings.exclude(capacity=Hearing.Capacity.EXPERT).values_list("person", flat=True)
    answers = [row.place for row in told] + _account_fields(told)
    days = {row.received_on for row in told} | {row.known_on for row in told if row.known_on}
    return LeakSources(
        numbers=frozenset(re.sub(r"\D", "", each.nip) for each in officials if each.nip),
        names=tuple(each.name for each in officials),
        protected=tuple(protected),
        officers=tuple(officers),
        pseudonyms=tuple(pseudonym(row.public_id) for row in told)
        + tuple(row.reference for row in told),
        copied=frozenset().union(*(word_runs(text) for text in texts)),
        fields=frozenset(
            folded
            for text in answers
            if len((folded := folded_field(text)).split()) >= SHARED_WORDS
        ),
        days=frozenset(days - event_days),
        sealed=sealed,
    )


def _told_records(case_id: int) -> list[Complaint]:
    """Return the records somebody else told, those that findings were traced from among them."""
    joined = Complaint.objects.filter(cases=case_id).values_list("pk", "traced_from")
    keys = {key for pair in joined for key in pair if key is not None}
    rows = Complaint.objects.filter(pk__in=keys).exclude(lane=Lane.FINDING)
    return list(rows.select_related("statement").order_by("pk"))


def _opened(told: Iterable[Complaint]) -> tuple[list[str], list[str], int]:
    """Return what reporters wrote, the names in their words on witnesses, and how much stays sealed."""
    texts: list[str] = []
    names: list[str] = []
    sealed = 0
    ids = {row.pk: row for row in told}
    for row in ids.values():
        statement = getattr(row, "statement", None)
        if statement is None:
            continue
        if statement.scheme == Statement.Scheme.DESK:
            sealed += 1
            continue
        held = json.loads(
            envelope.unseal(bytes(statement.sealed), context=("statement", str(row.public_id)))
        )
        texts += [held["story"], held.get("other_act", ""), held.get("witness", "")]
        names += _NAMED.findall(held.get("witness", ""))
    sent = Message.objects.filter(
        complaint__in=ids, direction=Message.Direction.FROM_REPORTER
    ).only("public_id", "scheme", "sealed")
    for message in sent:
        if message.scheme == Message.Scheme.ENVELOPE:
            context = ("message", message.public_id.hex)
            texts.append(envelope.unseal(bytes(message.sealed), context=context).decode())
        else:
            sealed += 1
    return texts, names, sealed


def _account_fields(told: Iterable[Complaint]) -> list[str]:
    """Return the short answers about people as they were given."""
    rows = ComplaintOfficial.objects.filter(complaint__in=[row.pk for row in told])
    found = rows.values_list("official__unit", "official__position", "official__agency_text")
    return [text for row in found for text in row if text]


def _officers(referral: Referral) -> list[str]:
    """Return the names of everybody who took a step in this referral or has its case in hand."""
    return list(
        User.objects.filter(office__isnull=False)
        .filter(pk__in=[*_step_takers(referral), referral.case.assignee_id or 0])
        .values_list("name", flat=True)
    )


def _step_takers(referral: Referral) -> set[int]:
    taken = referral.case.events.values_list("actor_id", flat=True).union(
        referral.events.values_list("actor_id", flat=True)
    )
    return {key for key in taken if key is not None}
