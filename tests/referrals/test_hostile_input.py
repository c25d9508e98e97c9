"""What nobody types by mistake, on the outcome side: words instead of a broken page, nothing stored."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.models import Allegation, Case, Official
from referrals.models import (
    Delivery,
    FollowUp,
    FollowUpAnswer,
    FollowUpEvent,
    Letter,
    Referral,
    ReferralEvent,
    ReferralItem,
)
from tests.complaints.web.test_hostile_input import CURSORS, NASTY, post
from tests.factories import decided_case, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db

TABLES = (
    Referral,
    ReferralEvent,
    ReferralItem,
    Letter,
    Delivery,
    FollowUp,
    FollowUpAnswer,
    FollowUpEvent,
    Case,
    Official,
    Allegation,
)
HUGE = 10**30


def stored() -> list[Any]:
    """Return every row of the tables a refusal must not change."""
    return [sorted(model._default_manager.values_list(), key=repr) for model in TABLES]


def signed_in(key: str) -> Client:
    client = Client()
    client.force_login(person(key))
    return client


def _pages() -> dict[str, tuple[str, str, str, str]]:
    """Return page → (person, address, step, names of its fields)."""
    proposal = stages.proposed()
    accepted = stages.accepted(decided_case(place="Lain"))
    answered = stages.answered(decided_case(place="Lagi"))
    owed = stages.recommended(decided_case(place="Pula"))
    return {
        "withdraw": ("sari", f"/kerja/rujukan/{proposal.public_id}/", "withdraw", "reason"),
        "draft": ("anwar", f"/penelaah/{accepted.public_id}/", "draft", "text"),
        "return": ("anwar", f"/penelaah/{accepted.public_id}/", "return", "words_0 kind_0"),
        "not_proven": ("anwar", f"/penelaah/{accepted.public_id}/", "find_not_proven", "reason"),
        "send_back": (
            "sari",
            f"/kerja/tindak-lanjut/{answered.public_id}/",
            "return_answer",
            "reason",
        ),
        "answer": (
            "putu",
            f"/instansi/{owed.public_id}/",
            "",
            "kind sanction_type decree_number decree_on_day decree_on_month decree_on_year explanation proof",
        ),
    }


@pytest.mark.long
def test_every_form_takes_garbage():
    wrong = []
    for page, (key, address, step, names) in _pages().items():
        for label, value in NASTY.items():
            if (
                label
                in {"emoji", "right_to_left", "markup", "sql", "number", "full_width"}
                | {"year_zero", "year_9999", "no_such_day", "list_like", "surrogate", "control"}
                and page != "answer"
            ):
                continue  # plain text, welcome in a reason
            before = stored()
            fields = {f"{step}-{name}" if step else name: value for name in names.split()}
            response = post(signed_in(key), address, {**fields, "action": step})
            if response.status_code != 200 or stored() != before:
                wrong.append((page, label, response.status_code))
    assert wrong == []


@pytest.mark.long
def test_steps_that_do_not_exist_or_are_somebody_elses():
    for key, address, _step, _names in _pages().values():
        for step in ("", "x", "\x00", "issue", "deliver", "close", "create", "A" * 5000):
            before = stored()
            response = post(signed_in(key), address, {"action": step})
            assert (response.status_code, stored() == before) == (200, True), (address, step)


def test_numbers_in_addresses_beyond_every_column():
    follow_up = stages.answered()
    referral = follow_up.referral
    for number in (0, 2, 32768, 2**31, 2**63 - 1, 2**63, HUGE):
        for key, address in (
            ("sari", f"/kerja/rujukan/{referral.public_id}/surat/{number}/"),
            ("anwar", f"/penelaah/{referral.public_id}/surat/{number}/"),
            ("sari", f"/kerja/tindak-lanjut/{follow_up.public_id}/bukti/{number}/"),
        ):
            assert signed_in(key).get(address).status_code == 404, (address, number)


@pytest.mark.long
def test_cursors_that_are_none():
    stages.delivered()
    for text in CURSORS:
        for key, address in (
            ("anwar", "/penelaah/"),
            ("anwar", "/penelaah/?lihat=selesai"),
            ("putu", "/instansi/"),
            ("sari", "/kerja/rujukan/"),
        ):
            assert signed_in(key).get(address, {"dari": text}).status_code == 200, (address, text)


DAY = {"decree_on_day": "14", "decree_on_month": "10", "decree_on_year": "2024"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sanction_type": "9" * 40},
        {"sanction_type": "-1"},
        {"kind": "x"},
        {"decree_number": "\x00"},
        {"decree_number": "N" * 81},
        {"decree_on_day": "31", "decree_on_month": "2"},
        {"decree_on_year": "0000"},
        {"decree_on_year": "9999"},
        {"decree_on_year": "２０２４"},
        {"decree_on_month": "²"},
        {"explanation": "x" * 2001},
    ],
)
def test_an_answer_out_of_bounds_is_refused_and_kept(changes):
    from bawaslu_cases.registry.models import SanctionType

    follow_up = stages.recommended()
    before = stored()
    fields = {
        "kind": "sanction",
        "sanction_type": SanctionType.objects.get(code="TJ_12").pk,
        "decree_number": "800/123/2024",
        **DAY,
        **changes,
        "proof": SimpleUploadedFile("../../etc/\u202efdp.exe", stages.pdf()),
    }

    response = signed_in("putu").post(f"/instansi/{follow_up.public_id}/", fields)

    assert (response.status_code, stored() == before) == (200, True)
    assert 'class="error-summary"' in response.content.decode()


def test_the_same_answer_twice_is_one():
    from bawaslu_cases.registry.models import SanctionType

    follow_up = stages.recommended()
    client = signed_in("putu")

    def send() -> int:
        proof = SimpleUploadedFile("sk.pdf", stages.pdf())
        fields = {
            "kind": "sanction",
            "sanction_type": SanctionType.objects.get(code="TJ_12").pk,
            "decree_number": "800/123/2024",
            **DAY,
            "proof": proof,
        }
        return client.post(f"/instansi/{follow_up.public_id}/", fields).status_code

    assert (send(), send()) == (302, 200)
    assert FollowUpAnswer.objects.count() == 1


def test_details_of_a_person_in_every_shape():
    found = decided_case()
    allegation = found.allegations.get()
    address = f"/kerja/rujukan/perkara/{found.public_id}/data/{allegation.public_id}/"
    names = "name nip position grade unit agency place"
    for label, value in NASTY.items():
        fields = dict.fromkeys(names.split(), value)
        assert post(signed_in("sari"), address, fields).status_code == 200, label
    response = post(signed_in("sari"), address, {"name": "", "position": "", "nip": "ABC"})
    assert response.status_code == 200
    official = Official.objects.get()
    assert (official.name, official.nip) == ("Contoh Wiratama", "197001012000011904")
