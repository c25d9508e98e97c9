"""The pages of data subjects' requests and of case files."""

import pytest
import time_machine

from bawaslu_cases.audit.models import AuditEvent
from referrals.models import CaseExport, SubjectRequest
from referrals.services import subject_requests as services
from referrals.services.case_exports import build_export
from tests.factories import AT, decided_case, person
from tests.support.ways_in_and_out import requests_of_every_state

pytestmark = pytest.mark.django_db
PAGE = "/kerja/rujukan/permintaan-data/"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(AT, tick=True):
        yield


def step(client, request: SubjectRequest, slug: str, **form):
    return client.post(f"{PAGE}{request.public_id}/langkah/{slug}/", form)


def test_k20_from_the_request_to_the_answer(client):
    case = decided_case()
    official = case.allegations.get().official
    client.force_login(person("sari"))
    told = {
        "kind": "access",
        "capacity": "official",
        "name": "Contoh Wiratama",
        "nip": official.nip,
    }
    answer = client.post(PAGE, told)
    request = SubjectRequest.objects.get()
    assert answer["Location"] == f"{PAGE}{request.public_id}/"
    assert step(client, request, "jawaban").status_code == 409
    assert step(client, request, "identitas", proof="ktp").status_code == 302
    page = client.get(f"{PAGE}{request.public_id}/").content.decode()
    assert "NIP sama" in page
    assert step(client, request, "jawaban", officials=str(official.public_id)).status_code == 302
    request.refresh_from_db()
    seen = services.seen_digest(request)
    page = step(client, request, "setujui", seen=seen).content.decode()
    assert "orang kedua" in page

    client.force_login(person("joko"))
    assert step(client, request, "setujui", seen=seen).status_code == 302
    services.write_answer(subject_id=request.public_id.hex)
    answer = client.get(f"{PAGE}{request.public_id}/jawaban/")

    assert (
        answer["Content-Disposition"]
        == f'attachment; filename="jawaban-{request.public_id.hex[:8]}.zip"'
    )
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"PK")
    entry = AuditEvent.objects.filter(action="page.referrals:subject_answer").latest("pk")
    assert request.public_id.hex in entry.subject


def test_k20_a_refusal_needs_words_and_a_ground(client):
    decided_case()
    request = requests_of_every_state(AT)[0]
    client.force_login(person("sari"))

    page = step(client, request, "penolakan", ground="endangers", reason="")

    assert "Tulis penjelasannya" in page.content.decode()
    assert (
        step(client, request, "penolakan", ground="endangers", reason="Alasan.").status_code == 302
    )
    request.refresh_from_db()
    assert (request.status, request.ground) == ("proposed", "endangers")


def test_k20_a_request_for_correction_leads_to_b19(client):
    case = decided_case()
    request = requests_of_every_state(AT)[0]
    client.force_login(person("sari"))

    page = client.get(f"{PAGE}{request.public_id}/").content.decode()

    assert f"/kerja/perkara/{case.public_id}/koreksi/" in page


def test_unknown_steps_and_other_offices_are_404(client):
    decided_case()
    request = requests_of_every_state(AT)[0]
    client.force_login(person("sari"))
    assert step(client, request, "entah").status_code == 404
    client.force_login(person("budi"))
    assert client.get(f"{PAGE}{request.public_id}/").status_code == 404


def test_a_case_file_is_asked_for_waited_for_and_taken_once(client):
    case = decided_case()
    client.force_login(person("sari"))
    address = f"/kerja/rujukan/perkara/{case.public_id}/berkas/"
    assert "Tulis untuk apa berkas ini" in client.post(address, {"purpose": ""}).content.decode()
    answer = client.post(address, {"purpose": "Supervisi"})
    order = CaseExport.objects.get()
    assert answer["Location"] == f"{address}{order.pk}/"
    assert client.get(answer["Location"])["Refresh"] == "5"
    build_export(subject_id=order.pk.hex)
    assert "SHA-256" in client.get(answer["Location"]).content.decode()

    taken = client.post(answer["Location"])

    assert (
        taken["Content-Disposition"]
        == f'attachment; filename="perkara-{case.public_id.hex[:8]}.zip"'
    )
    assert taken.content.startswith(b"PK")
    assert client.post(answer["Location"]).status_code == 404


def test_somebody_elses_order_is_not_there(client):
    case = decided_case()
    client.force_login(person("sari"))
    address = client.post(
        f"/kerja/rujukan/perkara/{case.public_id}/berkas/", {"purpose": "Supervisi"}
    )["Location"]
    client.force_login(person("joko"))

    assert client.get(address).status_code == 404
