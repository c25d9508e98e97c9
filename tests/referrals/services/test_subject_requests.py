"""What a reported official is told of their data, and what never (check K20)."""

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
    SamePersonError,
)
from complaints.models import Allegation, Case, Complaint, Official
from complaints.selectors.vault import pseudonym
from complaints.services.corrections import file_correction
from complaints.services.triage import confirm_tip
from referrals.models import SubjectRequest
from referrals.selectors.subject_data import candidates, recent_requests, subject_data
from referrals.services import subject_requests as services
from referrals.states import IdentityProof, SubjectCapacity, SubjectGround, SubjectKind
from tests.factories import AT, assessed_case, facts, finding, person, traced_tip, with_grades
from tests.referrals.stages import LATER, answered
from tests.referrals.stages import decided as decided_from
from tests.support.evidence import cleaned_evidence, photo

pytestmark = pytest.mark.django_db

SENTENCE = "kenari kuning bersiul tiga kali di balik pendopo"
WITNESS = "Zulkarnaen Burungkenari, rumah biru"
TOLD_ON = AT - timedelta(days=4)
"""Thursday 3 October 2024: when somebody told of it; the event was a day before."""
EVENT: dict[str, Any] = {"event_on": date(2024, 10, 2), "known_on": date(2024, 10, 2)}
NUMBER = "197001012000011904"


def from_a_tip() -> tuple[Case, Complaint]:
    """Return a decided case with its follow-up that began with somebody's tip."""
    source = traced_tip(
        TOLD_ON, story=f"{SENTENCE}. Saya melihat sendiri.", witness=WITNESS, **EVENT
    )
    own = with_grades(
        confirm_tip(complaint=source, facts=facts(**EVENT), officer=person("sari"), at=AT)
    )
    case = decided_from(own)
    answered(case)
    return case, source


def from_an_officer() -> Case:
    case = decided_from(finding(**EVENT))
    answered(case)
    return case


def asked(**changes) -> SubjectRequest:
    told: dict[str, Any] = {
        "kind": SubjectKind.ACCESS,
        "capacity": SubjectCapacity.OFFICIAL,
        "name": "Contoh Wiratama",
        "nip": NUMBER,
        "officer": person("sari"),
        "at": LATER,
    }
    return services.receive_request(**(told | changes))


def proven(**changes) -> SubjectRequest:
    request = asked(**changes)
    services.identify(request=request, proof=IdentityProof.KTP, officer=person("sari"), at=LATER)
    return request


def proposed(**changes) -> SubjectRequest:
    request = proven(**changes)
    found = [each.official for each in candidates(request, viewer=person("sari"))]
    services.propose_answer(request=request, officials=found, officer=person("sari"), at=LATER)
    return request


def answer(request: SubjectRequest) -> dict[str, bytes]:
    services.approve(
        request=request, officer=person("joko"), at=LATER, seen=services.seen_digest(request)
    )
    services.write_answer(subject_id=request.public_id.hex)
    request.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(services.answer_of(request))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def letter_text(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_k20_the_answer_is_exactly_the_allow_list():
    case, _source = from_a_tip()

    record = services.proposed_record(proposed())

    assert record.pop("not_told")
    assert record.pop("bases")
    assert record.pop("purpose")
    assert record == {
        "format": "bawaslu-subject-data/1",
        "office": "Bawaslu Provinsi Jawa Tengah",
        "name": "Contoh Wiratama",
        "cases": [
            {
                "office": case.office.name,
                "status": "Diteruskan",
                "decision": "Putuskan diteruskan",
                "decided_on": "2024-10-07",
                "about_you": [
                    {
                        "name": "Contoh Wiratama",
                        "nip": NUMBER,
                        "position": "Camat",
                        "grade": "III/d",
                        "unit": "Kecamatan Tirta Jaya",
                        "agency": "Pemerintah Kabupaten Magelang",
                        "employment": "PNS",
                    }
                ],
                "allegations": [
                    {
                        "acts": record["cases"][0]["allegations"][0]["acts"],
                        "event_on": "2024-10-02",
                        "place": "Balai Desa Sukamaju",
                    }
                ],
                "heard_on": [],
                "told_to": record["cases"][0]["told_to"],
                "sanctions": record["cases"][0]["sanctions"],
                "corrections": [],
            }
        ],
    }
    assert [row["name"] for row in record["cases"][0]["told_to"]] == [
        "Badan Kepegawaian Negara",
        "Bupati Magelang",
    ]
    assert record["cases"][0]["sanctions"][-1]["decree"] == "800/123/2024"


def test_k20_a_case_from_a_tip_and_one_from_an_officer_are_told_alike():
    from_a_tip()
    from_an_officer()

    first, second = services.proposed_record(proposed())["cases"]

    assert first == second


def test_k20_canary_nothing_of_the_reporter_in_any_byte():
    case, source = from_a_tip()
    evidence = cleaned_evidence(source, photo(), at=TOLD_ON)
    copy = evidence.derivatives.get()

    files = answer(proposed())

    whole = b"\n".join(files[name] for name in ("data.json", "data.csv", "manifest.json")).decode()
    whole += letter_text(files["surat.pdf"])
    never = [
        *SENTENCE.split()[:3],
        "Burungkenari",
        "Zulkarnaen",
        source.reference,
        pseudonym(source.public_id),
        case.reference,
        str(case.register_number),
        "/TM/",
        "/LP/",
        "informasi awal",
        "Informasi awal",
        "temuan",
        "laporan",
        "pelapor",
        "2024-10-03",
        "3 Oktober 2024",
        copy.sha256.hex() if isinstance(copy.sha256, bytes) else bytes(copy.sha256).hex(),
        "Sari",
        "Dewi",
        "Joko",
    ]
    assert [word for word in never if word in whole] == []
    # the same search finds what is allowed to be there
    assert all(
        word in whole for word in ("Wiratama", "2024-10-02", "2 Oktober 2024", "800/123/2024")
    )


def test_k20_what_repeats_a_reporter_is_left_out_and_counted():
    from_a_tip()
    Official.objects.filter(nip=NUMBER).update(unit=SENTENCE)
    Allegation.objects.update(place="Rumah 0812-9876-5432")

    request = proposed()

    record = services.proposed_record(request)
    assert request.withheld == 2
    assert record["cases"][0]["about_you"][0]["unit"] == ""
    assert record["cases"][0]["allegations"][0]["place"] == ""
    assert "kenari" not in json.dumps(record)


def test_k20_of_a_matter_that_is_not_decided_nothing_is_told():
    assessed_case()
    traced_tip()
    request = proven()

    assert candidates(request, viewer=person("sari")) == []
    data = subject_data(
        request=request, officials=list(Official.objects.all()), viewer=person("sari")
    )
    assert data.record["cases"] == []
    services.propose_answer(request=request, officials=[], officer=person("sari"), at=LATER)
    files = answer(request)
    assert "Tidak ada data tentang Saudara dalam perkara yang sudah diputus" in letter_text(
        files["surat.pdf"]
    )


def test_k20_a_refusal_records_its_ground_and_its_letter_tells_nothing_else():
    from_a_tip()
    request = asked()

    with pytest.raises(ReasonNeededError):
        services.propose_refusal(
            request=request,
            ground=SubjectGround.ENDANGERS,
            reason=" ",
            officer=person("sari"),
            at=LATER,
        )
    services.propose_refusal(
        request=request,
        ground=SubjectGround.ENDANGERS,
        reason="Membuka data ini membahayakan orang lain.",
        officer=person("sari"),
        at=LATER,
    )
    files = answer(request)

    assert (request.status, request.ground) == ("refused", "endangers")
    assert sorted(files) == ["manifest.json", "surat.pdf"]
    text = letter_text(files["surat.pdf"])
    assert "UU 27/2022 ps 33 huruf a" in text
    assert "Membuka data ini membahayakan orang lain." in text
    assert "Balai Desa" not in text
    entry = AuditEvent.objects.get(action="subject.refuse")
    assert json.loads(entry.detail) == {"ground": "endangers"}


def test_k20_corrections_are_told_and_their_reporters_are_not():
    case, _source = from_a_tip()
    official = case.allegations.get().official
    for requester, who in (("official", official), ("reporter", None)):
        file_correction(
            case=case,
            requester=requester,
            official=who,
            points="Tempatnya keliru.",
            asked="Perbaiki.",
            filed_on=LATER.date(),
            officer=person("sari"),
            at=LATER,
        )

    record = services.proposed_record(proposed())

    assert len(record["cases"][0]["corrections"]) == 1
    assert "Perbaiki" not in json.dumps(record)


def test_whoever_laid_it_down_does_not_approve_it():
    from_a_tip()
    request = proposed()

    with pytest.raises(SamePersonError):
        services.approve(
            request=request, officer=person("sari"), at=LATER, seen=services.seen_digest(request)
        )


def test_what_changed_since_is_not_approved():
    from_a_tip()
    request = proposed()
    seen = services.seen_digest(request)
    Official.objects.filter(nip=NUMBER).update(position="Lurah")

    with pytest.raises(ConflictError):
        services.approve(request=request, officer=person("joko"), at=LATER, seen=seen)
    with pytest.raises(ConflictError):
        services.approve(request=request, officer=person("joko"), at=LATER, seen="another")
    services.return_request(request=request, officer=person("joko"), at=LATER, reason="Perbarui.")
    request.refresh_from_db()
    assert (request.status, request.proof, request.content) == ("received", "", None)


def test_an_answer_needs_a_proven_identity():
    from_a_tip()

    with pytest.raises(ConflictError):
        services.propose_answer(request=asked(), officials=[], officer=person("sari"), at=LATER)


def test_somebody_elses_official_cannot_be_chosen():
    from_a_tip()
    request = proven(name="Orang Lain", nip="")

    with pytest.raises(DomainError):
        services.propose_answer(
            request=request,
            officials=list(Official.objects.filter(nip=NUMBER)),
            officer=person("sari"),
            at=LATER,
        )


def test_the_same_name_with_another_number_is_another_person():
    from_a_tip()
    viewer = person("sari")

    assert [each.is_same_number for each in candidates(asked(), viewer=viewer)] == [True]
    named = candidates(asked(nip="", name="CONTOH  WIRATAMA, S.H."), viewer=viewer)
    assert [each.is_same_number for each in named] == [False]
    assert candidates(asked(nip="196501011990011001"), viewer=viewer) == []


def test_the_same_state_gives_the_same_bytes():
    from_a_tip()
    request = proposed()
    answer(request)
    first, digest = services.answer_of(request), request.sha256
    SubjectRequest.objects.filter(pk=request.pk).update(storage_name="", sha256="")
    services.write_answer(subject_id=request.public_id.hex)
    request.refresh_from_db()

    assert (services.answer_of(request), request.sha256) == (first, digest)


def test_the_clock_and_who_may(settings):
    request = asked()

    assert request.due_at - request.received_at == timedelta(hours=72)
    for who in ("dewi", "nur", "vera", "anwar", "tono"):
        with pytest.raises(NotPermittedError):
            asked(officer=person(who))
    with pytest.raises(NotPermittedError):
        services.identify(
            request=request, proof=IdentityProof.KTP, officer=person("budi"), at=LATER
        )
    assert recent_requests(person("budi")) == []
    assert recent_requests(person("joko")) == [request]
    services.withdraw(request=request, officer=person("sari"), at=LATER)
    request.refresh_from_db()
    assert request.status == "withdrawn"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"nip": "123"}, "nip"), ({"asked": "x" * 2001}, "asked")],
)
def test_what_a_request_needs(changes, field):
    with pytest.raises(DomainError) as caught:
        asked(**changes)
    assert caught.value.field == field
