"""People and records for tests: fixed, named, without surprises.

Characters: Sari (case officer) and Dewi (plenary member) at Bawaslu Jawa Tengah, Rudi (case
officer) at Kabupaten Magelang, Budi (case officer) at Bawaslu Bali, Ratna (chair at RI), Anwar
(reviewer at BKN), Putu (PPK staff of Kabupaten Magelang), Made (PPK staff of Kota Denpasar), Vera and
Vito (verifiers at Bawaslu Jawa Tengah), Retno (verifier at RI), Kurnia and Kadek (custodians),
Nur (auditor at RI).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.registry.models import Agency, Office, RecipientBody, Region
from complaints.models import (
    Case,
    Complaint,
    ComplaintOfficial,
    Official,
    SealedIdentity,
    StepProposal,
    VerificationTurn,
)
from complaints.selectors.plenary import seats_of
from complaints.selectors.vault import desk_code
from complaints.services.cases import (
    decide_on_case,
    register_finding,
    submit_assessment,
    write_assessment,
)
from complaints.services.checklist import tick_requirement
from complaints.services.intake import (
    Facts,
    ReportedPerson,
    SealedName,
    Submitted,
    handling_office,
    record_finding,
    submit_complaint,
    submit_tip,
)
from complaints.services.plenary import Vote, unanimous
from complaints.services.proposals import propose_step
from complaints.services.triage import decide_on_tip, propose
from complaints.services.vault import sealing_keys
from complaints.services.viewings import note_all_viewings
from complaints.states import CaseAction, ComplaintAction, Lane, requirements_of
from complaints.vault.crypto.sealing import seal_with_card_key

AT = datetime(2024, 10, 7, 3, 0, tzinfo=UTC)
"""Monday 7 October 2024, 10.00 WIB: campaign of Pilkada 2024."""

PASSWORD = "sandi-contoh-yang-panjang"

_STAFF: dict[str, tuple[str, dict[str, Any], tuple[Role, ...]]] = {
    "sari": (
        "Sari",
        {"office": "33"},
        (Role.INTAKE_OFFICER, Role.CASE_OFFICER),
    ),
    "dewi": ("Dewi", {"office": "33"}, (Role.PLENARY_MEMBER,)),
    "joko": ("Joko", {"office": "33"}, (Role.CASE_OFFICER, Role.CHAIR)),
    "rudi": ("Rudi", {"office": "33.08"}, (Role.INTAKE_OFFICER, Role.CASE_OFFICER)),
    "lina": ("Lina", {"office": "33.08"}, (Role.PLENARY_MEMBER, Role.CHAIR)),
    "budi": ("Budi", {"office": "51"}, (Role.INTAKE_OFFICER, Role.CASE_OFFICER)),
    "ratna": ("Ratna", {"office": None}, (Role.CHAIR, Role.CASE_OFFICER)),
    "anwar": ("Anwar", {"recipient_body": "BKN"}, (Role.REVIEWER,)),
    "bima": ("Bima", {"recipient_body": "BKN"}, (Role.REVIEWER,)),
    "kartika": ("Kartika", {"recipient_body": "KASN"}, (Role.REVIEWER,)),
    "kasman": ("Kasman", {"recipient_body": "KASN"}, (Role.REVIEWER,)),
    "putu": ("Putu", {"agency": "R-33.08"}, (Role.PPK_STAFF,)),
    "made": ("Made", {"agency": "R-51.71"}, (Role.PPK_STAFF,)),
    "nur": ("Nur", {"office": None}, (Role.AUDITOR,)),
    "agus": ("Agus", {"office": None}, (Role.ADMINISTRATOR,)),
    "tari": ("Tari", {"office": None}, (Role.ADMINISTRATOR,)),
    "vera": ("Vera", {"office": "33"}, (Role.VERIFIER,)),
    "vito": ("Vito", {"office": "33"}, (Role.VERIFIER,)),
    "retno": ("Retno", {"office": None}, (Role.VERIFIER,)),
    "wati": ("Wati", {"office": "33"}, (Role.VERIFIER,)),
    "kurnia": ("Kurnia", {"office": None}, (Role.CUSTODIAN,)),
    "kadek": ("Kadek", {"office": None}, (Role.CUSTODIAN,)),
    "tono": ("Tono", {}, ()),
}


def person(key: str) -> User:
    """Return a character, enrolled at first use."""
    email = f"{key}@contoh.id"
    known = User.objects.filter(email=email).first()
    if known is not None:
        return known
    name, unit, roles = _STAFF[key]
    fields: dict[str, Any] = {}
    if "office" in unit:
        fields["office"] = office(unit["office"])
    if "recipient_body" in unit:
        fields["recipient_body"] = RecipientBody.objects.get(code=unit["recipient_body"])
    if "agency" in unit:
        fields["agency"] = Agency.objects.get(code=unit["agency"])
    user = enrol_staff(email=email, name=name, password=PASSWORD, roles=roles, **fields)
    user.public_id = public_id_of(key)
    user.save(update_fields=["public_id"])
    return user


def public_id_of(key: str) -> UUID:
    """Return the id by which keys name a character, the same in every test."""
    return uuid5(NAMESPACE_DNS, f"{key}.contoh.id")


def office(region_code: str | None) -> Office:
    """Return the office of a region; None is Bawaslu RI."""
    if region_code is None:
        return Office.objects.get(level="RI")
    return Office.objects.get(region__code=region_code)


def plenary_of(place: Office) -> list[User]:
    """Return as many members of an office's plenary as its quorum needs, enrolled at first use."""
    found = list(seats_of(place)[: place.quorum])
    return found + [
        enrol_staff(
            email=f"anggota{number}.{place.path}@contoh.id",
            name=f"Anggota {number}",
            password=PASSWORD,
            roles=(Role.PLENARY_MEMBER,),
            office=place,
        )
        for number in range(len(found) + 1, place.quorum + 1)
    ]


def votes_of(subject: Complaint | Case) -> tuple[Vote, ...]:
    """Return a unanimous quorum of the office that handles the record or case."""
    return unanimous(plenary_of(subject.office))


def somebody_of_plenary(place: Office, *, other_than: User | None = None) -> User:
    """Return a member of the office's plenary, another than the person who laid it before them."""
    return next(member for member in plenary_of(place) if member != other_than)


STORY = "Pak Camat mengajak warga memilih nomor dua di balai desa, saya mendengar sendiri."


def facts(**changes: Any) -> Facts:
    """Return the facts of one plain case: a camat in Magelang persuading people on 5 October 2024."""
    plain: dict[str, Any] = {
        "acts": ["PRESSURE_OTHERS"],
        "people": [
            ReportedPerson(
                name="Contoh Wiratama",
                position="Camat",
                unit="Kecamatan Tirta Jaya",
                unit_kind="DISTRICT",
                agency=Agency.objects.get(code="R-33.08"),
                nip="197001012000011904",
                employment="PNS",
            )
        ],
        "region": Region.objects.get(code="33.08"),
        "story": STORY,
        "event_on": date(2024, 10, 5),
        "known_on": date(2024, 10, 5),
        "place": "Balai Desa Sukamaju",
    }
    return Facts(**(plain | changes))


def tip(at: datetime = AT, **changes: Any) -> Complaint:
    """Return a tip that just came in; its desk is Bawaslu Jawa Tengah."""
    return with_grades(submit_tip(facts=facts(**changes), at=at).complaint)


def with_grades(complaint: Complaint) -> Complaint:
    """Give everybody named in a record a grade, which recipients ask for and no form of intake does."""
    named = ComplaintOfficial.objects.filter(complaint=complaint).values("official_id")
    Official.objects.filter(pk__in=named, grade="").update(grade="III/d")
    return complaint


IDENTITY = {
    "name": "Kartinah Widyaningrum Contoh 𝒦🌾",
    "address": "Jalan Merbabu 17, Dusun Sumberrejo, Magelang",
    "phone": "0812-3456-7890",
}


def report(
    at: datetime = AT,
    lane: Lane = Lane.SEALED,
    identity: Mapping[str, str] = IDENTITY,
    keep_from: tuple[int, ...] = (),
    **changes: Any,
) -> Complaint:
    """Return a report with a sealed identity that just came in; needs the fixture ``vault_keys``."""
    return with_grades(sent_report(at, lane, identity, keep_from, **changes).complaint)


def sent_report(
    at: datetime = AT,
    lane: Lane = Lane.SEALED,
    identity: Mapping[str, str] = IDENTITY,
    keep_from: tuple[int, ...] = (),
    **changes: Any,
) -> Submitted:
    """Return the same with the receipt that its reporter got."""
    told, public_id = facts(**changes), uuid4()
    office = handling_office(region=told.region, lane=lane, keep_from=keep_from)
    keys = sealing_keys(office=office, on=at.date())
    blob, card_key = seal_with_card_key(
        identity,
        report=public_id.hex,
        lane=lane.value,
        group_a=keys.group_a,
        group_b=keys.group_b,
        recovery=keys.recovery,
    )
    return submit_complaint(
        facts=told,
        lane=lane,
        at=at,
        public_id=public_id,
        name=SealedName(blob, SealedIdentity.Mode.SERVER, card_key),
        keep_from=keep_from,
    )


def in_hand(record: Complaint, who: str = "vera") -> Complaint:
    """Let a verifier have a record at their desk, as if it had been their turn."""
    verifier = person(who)
    assert verifier.office is not None
    VerificationTurn.objects.update_or_create(
        complaint=record,
        group=desk_code(verifier.office),
        defaults={"verifier": verifier, "since": record.received_on},
    )
    return record


def checked(complaint: Complaint, officer: User, at: datetime = AT) -> Complaint:
    """Look at all evidence, then tick every requirement as met."""
    note_all_viewings(complaint=complaint, viewer=officer, at=at)
    for requirement in requirements_of(complaint.lane):
        tick_requirement(
            complaint=complaint, requirement=requirement, is_met=True, officer=officer, at=at
        )
    return complaint


def proposed_tip(at: datetime = AT, **changes: Any) -> Complaint:
    """Return a tip that Sari proposed for tracing."""
    complaint = checked(tip(at, **changes), person("sari"), at)
    propose(
        complaint=complaint, action=ComplaintAction.PROPOSE_TRACING, officer=person("sari"), at=at
    )
    return complaint


def traced_tip(at: datetime = AT, **changes: Any) -> Complaint:
    """Return a tip that the plenary agreed to trace."""
    complaint = proposed_tip(at, **changes)
    decide_on_tip(
        complaint=complaint,
        action=ComplaintAction.APPROVE_TRACING,
        member=person("dewi"),
        at=at,
        minutes_number="12/BA/X/2024",
        decided_on=at.date(),
        votes=votes_of(complaint),
    )
    return complaint


def finding(at: datetime = AT, officer: str = "sari", **changes: Any) -> Complaint:
    """Return an officer's own finding, not registered yet."""
    return with_grades(record_finding(facts=facts(**changes), officer=person(officer), at=at))


def case(at: datetime = AT, officer: str = "sari", **changes: Any) -> Case:
    """Return a registered case with one allegation."""
    return register_finding(
        complaint=finding(at, officer, **changes), officer=person(officer), at=at
    )


def assessed_case(at: datetime = AT, officer: str = "sari", **changes: Any) -> Case:
    """Return a case whose assessment lies before the plenary."""
    found = case(at, officer, **changes)
    write_assessment(
        case=found,
        summary="Camat mengajak warga memilih salah satu pasangan calon.",
        assessment="Unsur keberpihakan terpenuhi.",
        officer=person(officer),
    )
    submit_assessment(case=found, officer=person(officer), at=at)
    return found


def decided_case(at: datetime = AT, officer: str = "sari", **changes: Any) -> Case:
    """Return a case that the plenary decided to refer."""
    found = assessed_case(at, officer, **changes)
    decide_on_case(
        case=found,
        action=CaseAction.DECIDE_REFER,
        member=somebody_of_plenary(found.office, other_than=person(officer)),
        at=at,
        minutes_number="14/BA/X/2024",
        decided_on=at.date(),
        votes=votes_of(found),
    )
    return found


def system_of(place: Office) -> User:
    """Return the service account of an office's own system, made at first use."""
    email = f"sistem.{place.path}@contoh.id"
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, name=f"Aplikasi {place.name}", office=place)


def system_proposal(
    record: Complaint,
    action: ComplaintAction = ComplaintAction.REGISTER,
    at: datetime = AT,
    **changes: Any,
) -> StepProposal:
    """Return what the system of the record's office suggests for it."""
    told: dict[str, Any] = {
        "reason": "Pola perbuatannya sama dengan dua temuan terdahulu di kecamatan ini.",
        "requirements": {"description": True, "evidence": False},
    }
    return propose_step(
        complaint=record, action=action, system=system_of(record.office), at=at, **(told | changes)
    )
