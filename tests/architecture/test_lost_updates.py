"""F15: who saves what they read before somebody else saved is refused, told so, and keeps what they typed.

Over every door that takes what somebody sends: ``doors.py`` says of each what it does to rows that are there,
and a new one without a line fails. Each edit has a scene here, or a test of its own that is named there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from lxml import html  # type: ignore[import-untyped]

from bawaslu_cases.accounts.models import StaffChange, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import approve_staff_change, enrol_staff
from bawaslu_cases.registry.models import Office, RegistryChange
from bawaslu_cases.registry.services.changes import approve_change
from complaints.models import Case, RequirementCheck, WorkEvent
from complaints.services.cases import submit_assessment, write_assessment
from complaints.services.hearings import invite
from complaints.services.people import record_person
from referrals.models import LedgerEntry, Referral, SubjectRequest
from referrals.services.subject_requests import identify, receive_request
from referrals.states import IdentityProof, SubjectCapacity, SubjectKind
from tests.architecture.doors import KINDS, SHOWN_BY, Kind, writing_doors
from tests.factories import AT, case, decided_case, office, person, tip
from tests.referrals import stages
from tests.support.api_clients import api_client

pytestmark = pytest.mark.django_db(databases="__all__")

TESTS = Path(__file__).parents[1]
MINE = "Yang pertama menulis ini."
THEIRS = "Yang terlambat menulis ini, panjang lebar."
FASTER = (
    "Baru diubah oleh",
    "Baru saja ditugaskan oleh",
    "karena status sudah berubah",
    "baru diperiksa orang lain",
    "sudah diubah",
)


@pytest.fixture(autouse=True)
def _one_moment():
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


@dataclass(frozen=True)
class Scene:
    """Two people before one form.

    ``page`` is where they read it and ``marker`` a field that only this form has; ``writes`` is what each
    changes of it, ``button`` what they press. ``meanwhile`` is done by others between the first one's press
    and the second one's. ``stands`` reads what was edited, ``told`` counts the rows that tell of the edit.
    """

    page: str
    people: tuple[User, User]
    marker: str
    writes: tuple[Mapping[str, Any], Mapping[str, Any]]
    stands: Callable[[], object]
    told: Callable[[], int]
    button: Mapping[str, str] = field(default_factory=dict)
    post: str = ""
    kept: str = THEIRS
    meanwhile: Callable[[], object] = lambda: None
    status: int = 409


def drawn(client: Client, page: str, marker: str) -> dict[str, Any]:
    """Return every field of a form as the page draws it, hidden ones included."""
    answer = client.get(page)
    assert answer.status_code == 200
    tree = html.fromstring(answer.content.decode())
    (form,) = [each for each in tree.forms if marker in each.fields]
    found: dict[str, Any] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return found


def officers() -> tuple[User, User]:
    return person("sari"), person("joko")


def administrators() -> tuple[User, User, User]:
    first, second = (
        enrol_staff(
            email=f"{name}@contoh.test", name=name, password=None, roles=[Role.ADMINISTRATOR]
        )
        for name in ("Kedua", "Ketiga")
    )
    return person("agus"), first, second


def of_case(found: Case, name: str, *more: Any) -> str:
    return reverse(name, args=[found.public_id, *more])


def assessment() -> Scene:
    found = case()
    return Scene(
        page=of_case(found, "desk:case"),
        post=of_case(found, "desk:assess"),
        people=officers(),
        marker="assessment",
        writes=(
            {"summary": MINE, "assessment": "Kajian pertama."},
            {"summary": "Ringkasan lain.", "assessment": THEIRS},
        ),
        button={"go": "save"},
        stands=lambda: Case.objects.values_list("summary", "assessment").get(pk=found.pk),
        told=lambda: (
            1
        ),  # words before the plenary has them: the history begins when they are handed in
    )


def assessment_handed_in() -> Scene:
    """The first not only saves: the case lies before the plenary, and the form is gone."""
    scene = assessment()
    found = Case.objects.get()

    def hand_in() -> None:
        now = Case.objects.get(pk=found.pk)
        write_assessment(case=now, summary=MINE, assessment="Kajian.", officer=person("sari"))
        submit_assessment(case=now, officer=person("sari"), at=AT)

    return Scene(**{**vars(scene), "meanwhile": hand_in})


def official() -> Scene:
    found = case()
    row = found.allegations.get().official
    return Scene(
        page=of_case(found, "desk:official", row.public_id),
        people=officers(),
        marker="nip",
        writes=({"position": MINE}, {"unit": THEIRS}),
        stands=lambda: type(row).objects.values_list("position", "unit", "name").get(pk=row.pk),
        told=lambda: 1,
    )


def allegation() -> Scene:
    found = case()
    row = found.allegations.get()
    return Scene(
        page=of_case(found, "desk:allegation", row.public_id),
        people=officers(),
        marker="description",
        writes=({"place": MINE}, {"description": THEIRS}),
        stands=lambda: type(row).objects.values_list("place", "description").get(pk=row.pk),
        told=lambda: 1,
    )


def details() -> Scene:
    found = decided_case()
    row = found.allegations.get()
    return Scene(
        page=of_case(found, "referrals:complete", row.public_id),
        people=officers(),
        marker="nip",
        writes=({"place": MINE}, {"unit": THEIRS}),
        stands=lambda: type(row).objects.values_list("place", "official__unit").get(pk=row.pk),
        told=lambda: 1,
        status=200,
    )


def tick() -> Scene:
    row = tip()
    page = reverse("desk:record", args=[row.public_id])
    return Scene(
        page=page,
        post=reverse("desk:tick", args=[row.public_id]),
        people=officers(),
        marker="",
        writes=({"tick": "description:1:open"}, {"tick": "description:0:open"}),
        stands=lambda: list(RequirementCheck.objects.filter(complaint=row).values_list("is_met")),
        told=lambda: WorkEvent.objects.filter(complaint=row, action="tick").count(),
        kept="tidak terpenuhi",
    )


def assign() -> Scene:
    row = tip()
    sari, joko = officers()
    return Scene(
        page=reverse("desk:assign", args=[row.public_id]),
        people=(sari, joko),
        marker="to",
        writes=({"to": str(sari.public_id)}, {"to": str(joko.public_id)}),
        stands=lambda: type(row).objects.values_list("assignee").get(pk=row.pk),
        told=lambda: WorkEvent.objects.filter(complaint=row).count(),
        kept=f'value="{joko.public_id}" selected',
    )


def assign_case() -> Scene:
    row = case()
    sari, joko = officers()
    return Scene(
        page=reverse("desk:case_assign", args=[row.public_id]),
        people=(sari, joko),
        marker="to",
        writes=({"to": str(sari.public_id)}, {"to": str(joko.public_id)}),
        stands=lambda: type(row).objects.values_list("assignee").get(pk=row.pk),
        told=lambda: WorkEvent.objects.filter(case=row).count(),
        kept=f'value="{joko.public_id}" selected',
    )


def snooze() -> Scene:
    row = tip()
    return Scene(
        page=reverse("desk:snooze", args=[row.public_id]),
        people=officers(),
        marker="until",
        writes=({"until": "2024-10-09"}, {"until": "2024-10-08"}),
        stands=lambda: type(row).objects.values_list("snoozed_until").get(pk=row.pk),
        told=lambda: WorkEvent.objects.filter(complaint=row).count(),
        kept="2024-10-08",
    )


def hearing() -> Scene:
    found = case()
    row = invite(
        case=found,
        capacity="witness",
        person="Saksi Contoh",
        place_kind="office",
        place="Ruang rapat",
        session_at=AT.replace(day=20),
        officer=person("sari"),
        at=AT,
    )
    words = {"hear-held_at": "2024-10-07T09:30", "hear-signed": "yes"}
    return Scene(
        page=of_case(found, "desk:hearing", row.public_id),
        people=officers(),
        marker="hear-record",
        writes=({**words, "hear-record": MINE}, {**words, "hear-record": THEIRS}),
        stands=lambda: type(row).objects.values_list("record", "status").get(pk=row.pk),
        told=lambda: row.events.exclude(action="create").count(),
    )


def identify_person() -> Scene:
    first, second = case(), case()
    known = record_person(
        case=first, official=first.allegations.get().official, officer=person("sari"), at=AT
    )
    row = second.allegations.get().official
    return Scene(
        page=of_case(second, "desk:case") + "?t=orang",
        post=of_case(second, "desk:identify", row.public_id),
        people=officers(),
        marker="",
        writes=({"go": "confirm", "person": str(known.public_id)}, {"go": "new"}),
        stands=lambda: type(row).objects.values_list("person").get(pk=row.pk),
        told=lambda: 1,
        kept="Tidak jadi dilakukan",
    )


def next_version(referral: Referral, step: str, *, why: tuple[str, str]) -> Scene:
    """Two people write the next version of one letter, each for a reason of their own."""
    mine, theirs = why
    return Scene(
        page=reverse("referrals:detail", args=[referral.public_id]),
        people=officers(),
        marker=f"{step}-summary",
        writes=(
            {f"{step}-reason": mine, f"{step}-summary": MINE},
            {f"{step}-reason": theirs, f"{step}-summary": THEIRS},
        ),
        button={"action": step},
        stands=lambda: Referral.objects.values_list("summary", "version").get(pk=referral.pk),
        told=lambda: referral.events.filter(action=step).count(),
        status=200,
    )


def resubmission() -> Scene:
    return next_version(stages.proposed(), "resubmit", why=("Dilengkapi.", "Diperbaiki."))


def correction_of_a_letter() -> Scene:
    return next_version(stages.delivered(), "correct", why=("Tempatnya.", "Waktunya."))


def sanction() -> Scene:
    follow_up = stages.answered()

    def typed(number: str, why: str) -> dict[str, str]:
        day = {"correct-decree_on_day": "7"}
        return {"correct-decree_number": number, "correct-reason": why, **day}

    return Scene(
        page=reverse("followup:detail", args=[follow_up.public_id]),
        people=officers(),
        marker="correct-decree_number",
        writes=(typed("800/1", MINE), typed("800/2", THEIRS)),
        button={"action": "correct"},
        stands=lambda: list(LedgerEntry.objects.order_by("pk").values_list("decree_number")),
        told=lambda: follow_up.events.filter(action="correct").count(),
        status=200,
    )


def request_of_a_subject() -> Scene:
    found = receive_request(
        kind=SubjectKind.ACCESS,
        capacity=SubjectCapacity.OFFICIAL,
        name="Contoh Wiratama",
        nip="",
        asked="",
        officer=person("sari"),
        at=AT,
    )
    identify(request=found, proof=IdentityProof.KTP, officer=person("sari"), at=AT)
    return Scene(
        page=reverse("referrals:subject", args=[found.public_id]),
        post=reverse("referrals:subject_step", args=[found.public_id, "penolakan"]),
        people=officers(),
        marker="ground",
        writes=({"reason": MINE}, {"reason": THEIRS}),
        stands=lambda: SubjectRequest.objects.values_list("status", "ground").get(pk=found.pk),
        told=lambda: found.events.filter(action="propose_refusal").count(),
    )


def _of_a_person(
    step: str, prefix: str, first: Mapping[str, Any], late: Mapping[str, Any]
) -> Scene:
    agus, second, third = administrators()
    subject = person("budi")

    def approve() -> None:
        approve_staff_change(change=StaffChange.objects.latest("pk"), approver=third, at=AT)

    def typed(values: Mapping[str, Any], why: str) -> dict[str, Any]:
        return {f"{prefix}-{name}": value for name, value in {**values, "reason": why}.items()}

    return Scene(
        page=reverse("desk:staff_person", args=[subject.public_id]),
        people=(agus, second),
        marker=f"{prefix}-reason",
        writes=(typed(first, MINE), typed(late, THEIRS)),
        button={"do": step},
        meanwhile=approve,
        stands=lambda: (
            sorted(subject.role_grants.values_list("role", flat=True)),
            User.objects.values_list("office", "home_agency").get(pk=subject.pk),
        ),
        told=lambda: StaffChange.objects.filter(person=subject).count(),
    )


def roles() -> Scene:
    held = sorted(person("budi").roles)
    return _of_a_person(
        "roles", "roles", {"roles": [*held, "chair"]}, {"roles": [*held, "plenary_member"]}
    )


def unit() -> Scene:
    return _of_a_person("unit", "unit", {"unit": office("33").name}, {"unit": office("32").name})


def home_agency() -> Scene:
    return _of_a_person(
        "home_agency",
        "home",
        {"agency": "Pemerintah Kabupaten Magelang"},
        {"agency": "Pemerintah Kota Denpasar"},
    )


def scopes() -> Scene:
    agus, second, _third = administrators()
    client = api_client(
        office("33"), scopes=["cases:read", "figures:read", "referrals:read"]
    ).client
    return Scene(
        page=reverse("desk:api_client", args=[client.public_id]),
        people=(agus, second),
        marker="scopes",
        writes=(
            {"scopes": ["cases:read", "referrals:read"], "reason": MINE},
            {"scopes": ["cases:read", "figures:read"], "reason": THEIRS},
        ),
        button={"do": "scopes"},
        stands=lambda: type(client).objects.values_list("scopes").get(pk=client.pk),
        told=lambda: 1,
    )


def seats() -> Scene:
    agus, second, third = administrators()
    row = office("33.08")

    def approve() -> None:
        approve_change(change=RegistryChange.objects.latest("pk"), approver=third, at=AT)

    return Scene(
        page=f"{reverse('desk:registry_propose', args=['office_seats'])}?baris={row.pk}",
        people=(agus, second),
        marker="seats",
        writes=(
            {"seats": "5", "reason": MINE, "source": "Keputusan 1"},
            {"seats": "3", "reason": THEIRS, "source": "Keputusan 2"},
        ),
        meanwhile=approve,
        stands=lambda: Office.objects.values_list("seats").get(pk=row.pk),
        told=RegistryChange.objects.count,
    )


SCENES: dict[str, tuple[Callable[[], Scene], ...]] = {
    "desk:assess": (assessment, assessment_handed_in),
    "desk:official": (official,),
    "desk:allegation": (allegation,),
    "desk:tick": (tick,),
    "desk:assign": (assign,),
    "desk:case_assign": (assign_case,),
    "desk:snooze": (snooze,),
    "desk:hearing": (hearing,),
    "desk:identify": (identify_person,),
    "desk:staff_person": (roles, unit, home_agency),
    "desk:api_client": (scopes,),
    "desk:registry_propose": (seats,),
    "referrals:complete": (details,),
    "referrals:detail": (resubmission, correction_of_a_letter),
    "referrals:subject_step": (request_of_a_subject,),
    "followup:detail": (sanction,),
}


def test_every_door_that_takes_something_says_what_it_does_to_rows_that_are_there() -> None:
    assert writing_doors() == KINDS.keys()


def test_every_edit_has_two_people_before_it() -> None:
    edits = {name for name, kind in KINDS.items() if kind is Kind.EDIT}
    assert SCENES.keys() | SHOWN_BY.keys() == edits
    for shown in SHOWN_BY.values():
        path, name = shown.split("::")
        assert f"def {name}(" in (TESTS / path).read_text(), shown


@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(make, id=f"{name} {make.__name__}")
        for name, made in SCENES.items()
        for make in made
    ],
)
def test_f15_whoever_saves_second_is_refused_and_keeps_what_they_typed(
    make: Callable[[], Scene],
) -> None:
    scene = make()
    first, second = Client(), Client()
    first.force_login(scene.people[0])
    second.force_login(scene.people[1])
    read = [drawn(who, scene.page, scene.marker) if scene.marker else {} for who in (first, second)]
    address = scene.post or scene.page
    before = scene.stands()

    won = first.post(address, {**read[0], **scene.writes[0], **scene.button})
    assert won.status_code == 302
    scene.meanwhile()
    held, told = scene.stands(), scene.told()
    late = second.post(address, {**read[1], **scene.writes[1], **scene.button})

    assert held != before
    assert late.status_code == scene.status
    page = late.content.decode()
    assert any(words in page for words in FASTER)
    assert scene.kept in page
    assert (scene.stands(), scene.told(), told) == (held, told, 1)
