"""Who may open what: every named address, every kind of person, inside and outside their scope.

``authorisation.csv`` is the table a person reads. ``own`` are records of Bawaslu Jawa Tengah that BKN
received and that concern Kabupaten Magelang; ``other`` are records of Bawaslu Bali that KASN received
and that concern Kota Denpasar; ``-`` is an address that names no record. ``login`` is the redirect to
/masuk/, a number is the status. POST is sent empty, so 200 means "let in, and asked to fill the form".
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.keyring.models import KeyGroup
from bawaslu_cases.registry.models import Agency, RecipientBody, Region
from complaints.models import (
    Case,
    Complaint,
    LegacyCase,
    LegacyImport,
    Message,
    OfficeChange,
    OriginalOpening,
    Recusal,
    SavedView,
    UnsealRequest,
)
from complaints.services.cases import (
    decide_on_case,
    register_finding,
    submit_assessment,
    write_assessment,
)
from complaints.services.copy_orders import order_marked_copy
from complaints.services.corrections import file_correction
from complaints.services.documents import About
from complaints.services.hearings import invite
from complaints.services.intake import ReportedPerson, record_finding
from complaints.services.originals import take_original
from complaints.services.people import record_person
from complaints.services.triage import decide_on_tip, propose
from complaints.services.unsealing import create_request
from complaints.states import CaseAction, ComplaintAction, Lane
from referrals.models import Dispatch, FollowUp, Letter, Referral
from referrals.services.follow_up import answer_follow_up
from referrals.services.recommend import approve_referral, propose_referral
from referrals.services.review import accept_referral
from referrals.services.subject_requests import receive_request
from referrals.states import Channel, DispatchStatus, SubjectCapacity, SubjectKind
from tests.factories import (
    AT,
    checked,
    facts,
    in_hand,
    office,
    person,
    report,
    somebody_of_plenary,
    tip,
    votes_of,
    with_grades,
)
from tests.referrals.escalation_world import escalated
from tests.referrals.stages import both_sign, carried, sanction, with_text
from tests.support.answers import faults
from tests.support.documents import drafted
from tests.support.evidence import cleaned_evidence, photo
from tests.support.links import capture_with_minutes
from tests.support.vault import vault_world

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).with_name("authorisation.csv")
PEOPLE: dict[str, tuple[Role | None, dict[str, str]]] = {
    "intake_officer": (Role.INTAKE_OFFICER, {"office": "33"}),
    "case_officer": (Role.CASE_OFFICER, {"office": "33"}),
    "plenary_member": (Role.PLENARY_MEMBER, {"office": "33"}),
    "chair": (Role.CHAIR, {"office": "33"}),
    "reviewer_bkn": (Role.REVIEWER, {"recipient_body": "BKN"}),
    "reviewer_kasn": (Role.REVIEWER, {"recipient_body": "KASN"}),
    "ppk_staff": (Role.PPK_STAFF, {"agency": "R-33.08"}),
    "verifier": (Role.VERIFIER, {"office": "33"}),
    "custodian": (Role.CUSTODIAN, {}),
    "auditor": (Role.AUDITOR, {"office": "33"}),
    "administrator": (Role.ADMINISTRATOR, {}),
    "no_role": (None, {"office": "33"}),
    "suspended": (Role.CASE_OFFICER, {"office": "33"}),
}
ROLES = ("visitor", *PEOPLE)
PARTIES = tuple(ROLES[start::4] for start in range(4))
"""All roles in four parts: each part walks through one world, which costs as much as a walk."""
KEYHOLDERS = {"verifier": "vera", "custodian": "kurnia"}
"""Whose keys tests have: the desk of Jawa Tengah, and the custodians."""
EARLIER = datetime(2024, 2, 5, 3, 0, tzinfo=UTC)
"""Monday 5 February 2024: KASN still receives referrals."""


def named_addresses() -> set[str]:
    """Return every URL name of the product with its namespace."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                space = f"{entry.namespace}:" if entry.namespace else ""
                yield from walk(entry, prefix + space)
            elif isinstance(entry, URLPattern):
                yield f"{prefix}{entry.name}"

    return set(walk(get_resolver(), ""))


def member(role: str) -> User | None:
    """Enrol the person of a column."""
    if role == "visitor":
        return None
    if role in KEYHOLDERS:
        user = person(KEYHOLDERS[role])
        # Without a password there is nothing to prove anew, so no page asks for it.
        user.set_unusable_password()
        user.save(update_fields=["password"])
        return user
    held, unit = PEOPLE[role]
    fields: dict[str, Any] = {}
    if "office" in unit:
        fields["office"] = office(unit["office"])
    if "recipient_body" in unit:
        fields["recipient_body"] = RecipientBody.objects.get(code=unit["recipient_body"])
    if "agency" in unit:
        fields["agency"] = Agency.objects.get(code=unit["agency"])
    user = enrol_staff(
        email=f"{role}@contoh.id",
        name=role,
        password=None,
        roles=[held] if held else [],
        **fields,
    )
    if role == "suspended":
        User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def _scope(*, own: bool) -> dict[str, Any]:
    """Build one of everything an address can name."""
    at = AT if own else EARLIER
    if not KeyGroup.objects.exists():
        vault_world().fill()
    officer, second = ("sari", "joko") if own else ("budi", "ratna")
    region, agency = ("33.08", "R-33.08") if own else ("51.71", "R-51.71")
    reviewer, staff = ("anwar", "putu") if own else ("kasman", "made")
    told = facts(
        region=Region.objects.get(code=region),
        people=[
            ReportedPerson(
                name="Contoh Wiratama",
                position="Camat",
                unit="Kecamatan Tirta Jaya",
                unit_kind="DISTRICT",
                agency=Agency.objects.get(code=agency),
                nip="197001012000011904",
                employment="PNS",
            )
        ],
        event_on=at.date(),
        known_on=at.date(),
    )
    changes = {name: getattr(told, name) for name in ("region", "people", "event_on", "known_on")}
    waiting = tip(at, **changes)
    traced = checked(tip(at, **changes), person(officer), at)
    propose(
        complaint=traced,
        action=ComplaintAction.PROPOSE_TRACING,
        officer=person(officer),
        at=at,
    )
    minutes: dict[str, Any] = {
        "at": at,
        "minutes_number": "1/BA/2024",
        "decided_on": at.date(),
    }
    decide_on_tip(
        complaint=traced,
        action=ComplaintAction.APPROVE_TRACING,
        member=somebody_of_plenary(traced.office, other_than=person(officer)),
        votes=votes_of(traced),
        **minutes,
    )
    case = _decided(told, officer, at, minutes)
    referral = propose_referral(case=case, officer=person(officer), at=at)
    with_text(referral, "isi salinan", officer)
    approve_referral(referral=referral, approver=person(second), at=at)
    referral = carried(referral, at)
    accept_referral(referral=referral, reviewer=person(reviewer), at=at)
    follow_up = both_sign(referral, at=at, pair=(reviewer, "bima" if own else "kartika"))[0]
    escalated(follow_up)
    answer_follow_up(
        follow_up=follow_up,
        answer=sanction(decree_on=AT.date()),
        staff=person(staff),
        at=AT,
    )
    allegation = case.allegations.get()
    correction = file_correction(
        case=case,
        requester="reporter",
        points="Kesimpulan.",
        asked="Periksa lagi.",
        filed_on=AT.date(),
        officer=person(officer),
        at=AT,
    )
    known = record_person(case=case, official=allegation.official, officer=person(officer), at=at)
    # A report of Bali lies at RI's desk: Bali has none.
    verifier = "vera" if own else "retno"
    report, asked = _asked(told, at, verifier)
    in_hand(waiting, verifier)
    evidence = cleaned_evidence(waiting, photo(), at=at)
    take_original(
        evidence=evidence,
        verifier=person(verifier),
        purpose=OriginalOpening.Purpose.COMPARE,
        reason="Membandingkan.",
        at=timezone.now(),
    )
    copy = evidence.derivatives.get()
    # Somebody's own: whoever else may see the record does not find it.
    now = timezone.now()
    order = order_marked_copy(copy=copy, words="Tanda", officer=person(officer), at=now)
    capture = capture_with_minutes(waiting, person(officer), at=at)
    return {
        "report": report.public_id,
        "unseal": asked.id,
        "copy": copy.public_id,
        "order": order.pk,
        "evidence": evidence.public_id,
        "link": capture.link.public_id,
        "capture": capture.public_id,
        "message": _to_lpsk(report, at).public_id,
        "complaint": waiting.public_id,
        "traced": traced.public_id,
        "case": case.public_id,
        "hearing": case.hearings.get().public_id,
        "correction": correction.public_id,
        "document": drafted(About(case=case), "B.13", who=officer).public_id,
        "person": known.public_id,
        "below": _asked_from_below(told, at).public_id,
        "official": allegation.official.public_id,
        "allegation": allegation.public_id,
        "referral": referral.public_id,
        "follow_up": follow_up.public_id,
        "dispatch": _on_paper(referral, at).public_id,
        **_old_register(person(officer), told.region, at),
        "subject": receive_request(
            kind=SubjectKind.ACCESS,
            capacity=SubjectCapacity.OFFICIAL,
            name="Contoh Wiratama",
            nip="197001012000011904",
            officer=person(officer),
            at=at,
        ).public_id,
        "view": SavedView.objects.create(
            owner=person(officer),
            office=person(officer).office,
            name="Lewat tenggat, tip",
            query="v=overdue&lane=tip",
        ).public_id,
    }


def _old_register(officer: User, region: Region, at: datetime) -> dict[str, Any]:
    """Return an import that is over and a legacy case of it."""
    assert officer.office is not None
    made = LegacyImport.objects.create(
        office=officer.office, officer=officer, stage="done", uploaded_at=at, expires_at=at
    )
    legacy = LegacyCase.objects.create(
        office=officer.office,
        made_by=made,
        row=2,
        row_key="0" * 64,
        name="Contoh Wiratama",
        event_on=at.date(),
        region=region,
        act="PRESSURE_OTHERS",
    )
    return {"import": made.public_id, "legacy": legacy.public_id}


def _asked_from_below(told: Any, at: datetime) -> Complaint:
    """Return an open report of a regency that asked the province to take it over."""
    days = {"event_on": told.event_on, "known_on": told.known_on}
    found = report(at, lane=Lane.OPEN, region=told.region, people=told.people, **days)
    assert found.office.parent is not None
    OfficeChange.objects.create(
        complaint=found,
        direction=OfficeChange.Direction.UP,
        source=found.office,
        target=found.office.parent,
        ground="no_facilities",
        reason="Sarana belum ada.",
        proposed_by=person("rudi"),
        proposed_on=at.date(),
    )
    return found


def _on_paper(referral: Referral, at: datetime) -> Dispatch:
    """Return the way of a referral that somebody carries."""
    return Dispatch.objects.create(
        referral=referral,
        version=1,
        destination="loket",
        channel=Channel.PRINT,
        status=DispatchStatus.TO_HAND_OVER,
        status_at=at,
        created_at=at,
    )


def _to_lpsk(found: Complaint, at: datetime) -> Message:
    """Return a reporter's request to LPSK, sealed to LPSK."""
    return Message.objects.create(
        complaint=found,
        direction=Message.Direction.FROM_REPORTER,
        kind=Message.Kind.LPSK,
        scheme=Message.Scheme.LPSK,
        sealed=bytes(4144),
        on=at.date(),
    )


def _asked(told: Any, at: datetime, who: str) -> tuple[Complaint, UnsealRequest]:
    """Return a sealed report and a verifier's request to open its identity."""
    found = report(at, region=told.region, people=told.people, event_on=None, known_on=None)
    in_hand(found, who)
    asked = vault_world().ask(who, found.public_id, at=at)
    own = {"request": asked.request.to_json(), "key_sealed": asked.sealed_esk.hex()}
    return found, create_request(complaint=found, verifier=person(who), own=own, at=at)


def _decided(told: Any, officer: str, at: datetime, minutes: dict[str, Any]) -> Case:
    case = register_finding(
        complaint=with_grades(record_finding(facts=told, officer=person(officer), at=at)),
        officer=person(officer),
        at=at,
    )
    write_assessment(
        case=case, summary="Ringkasan netral.", assessment="Kajian.", officer=person(officer)
    )
    invite(
        case=case,
        capacity="witness",
        person="Saksi Contoh",
        place_kind="office",
        place="Ruang rapat",
        session_at=at + timedelta(days=7),
        officer=person(officer),
        at=at,
    )
    submit_assessment(case=case, officer=person(officer), at=at)
    decide_on_case(
        case=case,
        action=CaseAction.DECIDE_REFER,
        member=somebody_of_plenary(case.office, other_than=person(officer)),
        votes=votes_of(case),
        **minutes,
    )
    return case


NEEDED: dict[str, tuple[str | int, ...]] = {
    "public:guide_answer": ("memilih-di-tps",),
    "public:try_out": ("create-finding",),
    "figures:place": ("sulawesi-selatan",),
    "intake:file": ("00000000-0000-4000-8000-000000000000",),
    "desk:view_change": ("view",),
    "desk:registry_propose": ("holiday_added",),
    # No such change: whoever is let in reads 404.
    "desk:registry_change": ("00000000-0000-4000-8000-000000000000",),
    **{f"desk:import{step}": ("import",) for step in ("", "_start", "_drop", "_undo", "_problems")},
    "desk:legacy_case": ("legacy",),
    "desk:legacy_adopt": ("legacy",),
    "referrals:close": ("case",),
    "referrals:export_new": ("case",),
    # No such order: whoever is let in reads 404.
    "referrals:export": ("case", "00000000-0000-4000-8000-000000000000"),
    "referrals:subject": ("subject",),
    "referrals:subject_step": ("subject", "identitas"),
    "referrals:subject_answer": ("subject",),
    "desk:record": ("complaint",),
    "desk:tick": ("complaint",),
    "desk:act": ("complaint", "propose_tracing"),
    "desk:assign": ("complaint",),
    "desk:snooze": ("complaint",),
    "desk:note": ("complaint",),
    # No such proposal: whoever is let in reads 404.
    "desk:proposal_dismiss": ("complaint", "00000000-0000-4000-8000-000000000000"),
    "desk:recuse": ("complaint",),
    "desk:recuse_case": ("case",),
    "desk:case_statement": ("case",),
    # Nobody: whoever is let in reads 404.
    "desk:staff_person": ("00000000-0000-4000-8000-000000000000",),
    "desk:staff_change": ("00000000-0000-4000-8000-000000000000",),
    # No such client: whoever is let in reads 404.
    "desk:api_client": ("00000000-0000-4000-8000-000000000000",),
    "account_invitation": ("abc",),
    "desk:staff_suspend": ("00000000-0000-4000-8000-000000000000",),
    "desk:staff_reactivate": ("00000000-0000-4000-8000-000000000000",),
    "desk:alike": ("complaint",),
    "desk:undo": ("complaint",),
    "desk:presence": ("complaint",),
    "desk:letters": ("complaint",),
    "desk:links": ("complaint",),
    "desk:link": ("complaint", "link"),
    "desk:capture_minutes": ("complaint", "link", "capture"),
    "desk:evidence": ("complaint",),
    "desk:evidence_item": ("complaint", 1),
    "desk:evidence_copy": ("complaint", "copy"),
    "desk:evidence_download": ("complaint", "copy"),
    "desk:copy_order": ("complaint", "order"),
    "desk:redact": ("complaint", 1),
    "desk:settle": ("complaint", 1),
    "copies:copy": ("abc",),
    "packet_copies:file": ("abc",),
    "vault:original": ("evidence",),
    "vault:original_key": ("evidence",),
    "vault:original_object": ("evidence",),
    "desk:repair": ("report",),
    "desk:parcel": ("report", "message"),
    "desk:confirm": ("traced",),
    "desk:likeness": ("complaint", "traced"),
    "desk:decide_complaint": ("complaint",),
    "desk:decide_case": ("case",),
    "desk:case": ("case",),
    "desk:assess": ("case",),
    "desk:official": ("case", "official"),
    "desk:allegation_new": ("case",),
    "desk:allegation": ("case", "allegation"),
    "desk:extend": ("case",),
    "desk:sent_on": ("case",),
    "desk:case_assign": ("case",),
    "desk:case_note": ("case",),
    "desk:case_link": ("case",),
    "desk:case_unlink": ("case", 1),
    "desk:hearing_new": ("case",),
    "desk:hearing": ("case", "hearing"),
    "desk:correction_new": ("case",),
    "desk:correction": ("case", "correction"),
    "desk:correction_withdraw": ("case", "correction"),
    "desk:identify": ("case", "official"),
    "desk:person": ("person",),
    "desk:record_documents": ("complaint",),
    "desk:record_print": ("complaint",),
    "desk:case_documents": ("case",),
    "desk:case_print": ("case",),
    "desk:document": ("document",),
    "desk:document_file": ("document",),
    "desk:document_page": ("document", 1),
    "desk:decide_takeover": ("below",),
    "desk:take_over": ("below",),
    "referrals:case": ("case",),
    "referrals:complete": ("case", "allegation"),
    "referrals:detail": ("referral",),
    "referrals:attachments": ("referral",),
    "referrals:letter": ("referral", 1),
    "referrals:hand_over": ("dispatch",),
    "referrals:send_again": ("dispatch",),
    "referrals:destination_new": ("folder",),
    "referrals:destination": ("00000000-0000-4000-8000-000000000000",),
    "followup:access": ("follow_up",),
    "ppk_pass:page": ("00000000-0000-4000-8000-000000000000", "rahasia"),
    "fetch:page": ("00000000-0000-4000-8000-000000000000", "rahasia"),
    "api:answer_referral": ("bkn",),
    # Nobody of staff has a token: 401 before anything is looked up.
    **{
        f"api_{name}": ("00000000-0000-4000-8000-000000000000",)
        for name in (
            *("complaints:complaint", "complaints:record_uploads", "complaints:proposals"),
            *("complaints:proposal", "complaints:upload", "complaints:case"),
            "referrals:referral",
            *("access:webhook", "access:webhook_secret", "access:webhook_ping"),
            *("access:webhook_replay", "access:webhook_enable", "access:webhook_deliveries"),
        )
    },
    "review:detail": ("referral",),
    "review:letter": ("referral", 1),
    "review:evidence": ("referral", 1),
    "review:evidence_file": ("referral", 1),
    "review:evidence_download": ("referral", 1),
    "followup:detail": ("follow_up",),
    "followup:proof": ("follow_up", 1),
    "followup:letter": ("follow_up", 1, 1),
    "ppk:detail": ("follow_up",),
    **{
        f"vault:{name}": ("report",)
        for name in ("report", "summary", "part", "words", "request_create")
    },
    **{
        f"vault:{name}": ("unseal",)
        for name in (
            "request",
            "request_file",
            "card",
            "release",
            "deny",
            "withdraw",
            "open",
            "attest",
            "hand_over",
        )
    },
}
"""What an address names: a record of the scope, or the text or number itself."""


def arguments(name: str, ids: dict[Any, Any]) -> list[Any]:
    """Return what an address needs, from one scope's records."""
    return [ids.get(part, part) for part in NEEDED.get(name, ())]


NUMBERED = {
    "desk:retry",
    "desk:wording_end",
    "desk:wording_decide",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
}
"""Addresses that name a row by number; none exists, so "let in" reads 404 or a refusal."""


class Somebody:
    """One person, signed in once: the test of an address takes back what it did to the session.

    Signing in anew for each address took as long as all the addresses.
    """

    def __init__(self, user: User | None) -> None:
        self._client = Client()
        if user is not None:
            self._client.force_login(user)
        self._cookies = {name: cookie.value for name, cookie in self._client.cookies.items()}

    @property
    def client(self) -> Client:
        """Return the client with the cookies of signing in alone, whatever an answer did to them."""
        self._client.cookies = SimpleCookie(self._cookies)
        return self._client


def asked(client: Client, name: str, ids: dict[str, Any], method: str) -> Any:
    """Return what one address answers; what it changed is taken back."""
    address = reverse(name, args=[1] if name in NUMBERED else arguments(name, ids))
    ask = client.get if method == "GET" else client.post
    cache.clear()  # counted tries of one person shall not answer for the next
    with transaction.atomic():
        response = ask(address)
        transaction.set_rollback(True)
    return response


def outcome(response: Any) -> str:
    """Return what became of a question, as the table writes it."""
    if response.status_code == 302 and response["Location"].startswith("/masuk/"):
        return "login"
    return str(response.status_code)


def answer(client: Client, name: str, ids: dict[str, Any], method: str) -> str:
    """Ask one address and return the outcome."""
    return outcome(asked(client, name, ids, method))


def lines() -> list[dict[str, str]]:
    """Return the table."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_named_address_is_in_the_table():
    """Hold the resolver against the table (check A02)."""
    listed = {line["name"] for line in lines()}
    assert named_addresses() == listed
    for name in listed:
        rows = {(line["target"], line["method"]) for line in lines() if line["name"] == name}
        assert rows in (
            {("-", "GET"), ("-", "POST")},
            {(target, method) for target in ("own", "other") for method in ("GET", "POST")},
        ), name


def test_table_keeps_its_own_rules():
    """Read the table itself: what may never stand in it."""
    shut, refused = {"login", "405"}, {"403", "404", "405"}
    for line in lines():
        assert line["visitor"] == line["suspended"], line
        if line["target"] == "-":
            continue
        assert line["visitor"] in shut, line
        assert {line["no_role"], line["administrator"]} <= {"403", "405"}, line
        # Custodians are one group for the whole country; what they see names nobody.
        strangers = set(PEOPLE) - {"suspended", "reviewer_kasn", "custodian"}
        if line["target"] == "own":
            strangers = {"reviewer_kasn"}
        assert {line[role] for role in strangers} <= refused, line


@pytest.fixture
def world() -> dict[str, dict[str, Any]]:
    return {"own": _scope(own=True), "other": _scope(own=False)}


def walked(world: dict[str, dict[str, Any]], role: str) -> tuple[int, list[tuple[str, ...]]]:
    """Ask every address as one person; return how many answers were looked at, and what is wrong.

    Wrong is an outcome that is not the table's, and what no answer may carry or lack.
    """
    user = member(role)
    somebody = Somebody(user)
    looked = 0
    wrong: list[tuple[str, ...]] = []
    for line in lines():
        name, target, method = line["name"], line["target"], line["method"]
        response = asked(
            somebody.client, name, world["other" if target == "other" else "own"], method
        )
        if (got := outcome(response)) != line[role]:
            wrong.append((role, name, target, method, line[role], got))
        if method == "GET" and target != "other":
            looked += 1
            wrong += [(role, name, found) for found in faults(name, response, user)]
    return looked, wrong


@pytest.mark.long
@pytest.mark.parametrize("roles", PARTIES, ids=[roles[0] for roles in PARTIES])
def test_everybody_reaches_what_the_table_says(world: Any, roles: tuple[str, ...]) -> None:
    """Walk every address as everybody (checks A01, A03, A04, A19, A27, A28, A30).

    Of each answer to a GET: one policy word for word, nothing inline, no cookie but the known ones
    (checks H01, H03, H08, H10, H13).
    """
    assert Letter.objects.count() == FollowUp.objects.count() == 2
    wrong = []
    for role in roles:
        with transaction.atomic():  # nobody meets what another has left
            looked, found = walked(world, role)
            transaction.set_rollback(True)
        assert looked == len(named_addresses())
        wrong += found
    assert len(ROLES) * len(named_addresses()) > 1000
    assert wrong == []


RECUSED = ("case_officer", "plenary_member", "chair", "verifier")
"""Who works on matters inside a scope, and may be kept away from one."""


MATTERS = {
    *("complaint", "traced", "report", "case", "below", "unseal", "evidence"),
    *("document", "person", "referral", "follow_up", "dispatch"),
}
"""What an address names that belongs to one matter; a saved view is somebody's own."""


@pytest.mark.long
def test_a20_whoever_was_recused_meets_what_a_stranger_meets(world: Any) -> None:
    """A recused person reads every address of their own unit's matters as one of another unit's."""
    wrong, asked = [], 0
    for role in RECUSED:
        with transaction.atomic():
            user = member(role)
            assert user is not None
            Recusal.objects.bulk_create(
                [
                    *(
                        Recusal(user=user, complaint=row, reason="declared", since=AT)
                        for row in Complaint.objects.all()
                    ),
                    *(
                        Recusal(user=user, case=row, reason="declared", since=AT)
                        for row in Case.objects.all()
                    ),
                ]
            )
            somebody = Somebody(user)
            for line in lines():
                first = NEEDED.get(line["name"], ("",))[0]
                if line["target"] != "other" or first not in MATTERS:
                    continue
                got = answer(somebody.client, line["name"], world["own"], line["method"])
                asked += 1
                if got != line[role]:
                    wrong.append((role, line["name"], line["method"], line[role], got))
            transaction.set_rollback(True)
    assert asked >= 4 * 100
    assert wrong == []
