"""The follow-up board and the verification of proofs."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.registry.models import SanctionType
from referrals.models import EscalationStep
from referrals.selectors.follow_ups import Filters
from referrals.services.escalation import escalate, letter_subject
from referrals.services.escalation_letters import set_escalation_letter
from tests.factories import AT, decided_case, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    client.force_login(person("sari"))
    return client


def _page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_board_and_table_hold_the_same_links(officer):
    waiting = stages.recommended()
    answered = stages.answered(decided_case(place="Lapangan"))
    links = [reverse("followup:detail", args=[each.public_id]) for each in (waiting, answered)]

    for address in (reverse("followup:list"), reverse("followup:list") + "?lihat=tabel"):
        page = _page(officer, address)
        assert [page.count(f'href="{link}"') for link in links] == [1, 1]


@pytest.mark.parametrize("view", ["", "?lihat=tabel"])
def test_a_list_counts_the_days_as_the_page_does(officer, time_machine, view):
    follow_up = stages.recommended()
    time_machine.move_to(AT, tick=False)

    shown = officer.get(reverse("followup:list") + view).context
    rows = shown["rows"] if view else shown["columns"][0].rows
    left = rows[0]["left"]

    assert left.endswith(" hari kerja")
    page = _page(officer, reverse("followup:detail", args=[follow_up.public_id]))
    assert f"Sisa {left}" in page


def test_access_can_be_ended_only_while_some_is_open(client):
    client.force_login(person("anwar"))
    address = reverse("followup:access", args=[stages.recommended().public_id])

    assert "Akhiri akses" not in _page(client, address)
    client.post(address, {"do": "give"})
    assert "Akhiri akses" in _page(client, address)
    client.post(address, {"do": "end"})
    assert "Akhiri akses" not in _page(client, address)


def test_verification_closes(officer):
    follow_up = stages.answered()
    address = reverse("followup:detail", args=[follow_up.public_id])

    assert officer.post(address, {"action": "verify"}).url == address

    follow_up.refresh_from_db()
    assert follow_up.status == "verified"
    assert "Terverifikasi" in _page(officer, address)


def test_sending_back_needs_words(officer):
    follow_up = stages.answered()
    address = reverse("followup:detail", args=[follow_up.public_id])

    refused = officer.post(address, {"action": "return_answer", "return_answer-reason": ""})
    assert "Tulis alasannya" in refused.content.decode()
    officer.post(address, {"action": "return_answer", "return_answer-reason": "SK tak terbaca."})

    follow_up.refresh_from_db()
    assert follow_up.status == "awaiting"


def test_proof_is_a_download(officer):
    follow_up = stages.answered()
    address = reverse("followup:proof", args=[follow_up.public_id, 1])

    response = officer.get(address)

    assert response.content == stages.pdf()
    assert response["Content-Disposition"] == 'attachment; filename="bukti-1.pdf"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert officer.get(address.replace("/1/", "/2/")).status_code == 404


def test_plenary_member_watches_but_does_not_verify(client):
    follow_up = stages.answered()
    client.force_login(person("dewi"))
    address = reverse("followup:detail", args=[follow_up.public_id])

    assert 'value="verify"' not in _page(client, address)
    client.post(address, {"action": "verify"})

    follow_up.refresh_from_db()
    assert follow_up.status == "answered"


def test_recipient_body_reads_no_names_of_the_house(client):
    follow_up = stages.answered()
    client.force_login(person("anwar"))

    page = _page(client, reverse("followup:detail", args=[follow_up.public_id]))

    assert "800/123/2024" in page
    assert "Putu" not in page


@pytest.mark.parametrize(("key", "status"), [("budi", 404), ("kasman", 404), ("putu", 403)])
def test_strangers(client, key, status):
    follow_up = stages.answered()
    client.force_login(person(key))

    for name, args in (
        ("followup:detail", [follow_up.public_id]),
        ("followup:proof", [follow_up.public_id, 1]),
    ):
        assert client.get(reverse(name, args=args)).status_code == status


@pytest.mark.parametrize("count", [1, 3])
def test_board_costs_the_same_for_one_and_three(officer, django_assert_num_queries, count):
    for index in range(count):
        stages.recommended(decided_case(place=f"Balai desa {index}"))

    # session, person, offices in scope, which ones of five columns, what is told of them
    with django_assert_num_queries(BOARD_QUERIES):
        page = _page(officer, reverse("followup:list"))

    assert page.count('class="tile"') == count


BOARD_QUERIES = 9


@pytest.mark.parametrize("count", [1, 3])
def test_table_costs_the_same_for_one_and_three(officer, django_assert_num_queries, count):
    for index in range(count):
        stages.recommended(decided_case(place=f"Balai desa {index}"))

    # session, person, offices in scope, which ones, what is told of them
    with django_assert_num_queries(5):
        page = _page(officer, reverse("followup:list") + "?lihat=tabel")

    assert page.count("Berikutnya: Pengingat pertama pada 28 Okt 2024") == count


def test_filters_of_the_table_and_what_holds_of_them():
    asked = Filters.from_query(
        {"tahap": "awaiting", "jenjang": "2", "selisih": "lighter", "lewat": "1"}
    )
    nonsense = Filters.from_query({"tahap": "x", "jenjang": "9", "selisih": "'", "lewat": "ya"})

    assert asked == Filters("awaiting", 2, "lighter", is_late=True)
    assert asked.query() == "&tahap=awaiting&selisih=lighter&lewat=1&jenjang=2"
    assert (nonsense, nonsense.query()) == (Filters(), "")


def test_table_shows_what_the_filters_ask_for(officer):
    waiting = stages.recommended()
    answered = stages.answered(decided_case(place="Lapangan"))
    assert waiting.due_at is not None
    escalate(at=waiting.due_at + timedelta(days=3))

    def shown(query):
        page = _page(officer, reverse("followup:list") + f"?lihat=tabel{query}")
        pairs = ((waiting, "waiting"), (answered, "answered"))
        return {
            name
            for each, name in pairs
            if reverse("followup:detail", args=[each.public_id]) in page
        }

    assert shown("") == {"waiting", "answered"}
    assert shown("&tahap=answered") == shown("&selisih=equal") == {"answered"}
    assert shown("&jenjang=1") == shown("&lewat=1") == {"waiting"}
    assert shown("&jenjang=0") == {"answered"}
    assert shown("&jenjang=6") == set()


def test_csv_holds_the_filtered_rows_and_no_formula(officer, time_machine):
    follow_up = stages.recommended()
    time_machine.move_to(AT, tick=False)
    follow_up.official.position = "=HYPERLINK(1)"
    follow_up.official.save()

    response = officer.get(reverse("followup:csv") + "?tahap=awaiting")
    head, line = response.content.decode("utf-8-sig").splitlines()

    assert head.split(",")[:5] == [
        "Instansi",
        "Jabatan",
        "Golongan sanksi",
        "Direkomendasikan",
        "Tahap",
    ]
    assert line == (
        "Pemerintah Kabupaten Magelang,'=HYPERLINK(1),Hukuman disiplin berat,2024-10-07,"
        "Menunggu jawaban PPK,2024-10-25,,Berikutnya: Pengingat pertama pada 28 Okt 2024,,,"
        "Sari · Bawaslu Provinsi Jawa Tengah · 2024-10-07 10:00 WIB · 1 baris"
    )
    assert head.endswith(",Diunduh oleh")
    entry = AuditEvent.objects.get(action="page.followup:csv")
    assert json.loads(entry.detail)["rows"] == 1
    assert response["Content-Disposition"] == 'attachment; filename="tindak-lanjut.csv"'
    assert len(officer.get(reverse("followup:csv") + "?tahap=verified").content.splitlines()) == 1


def test_ladder_is_read_stopped_and_resumed_on_the_page(officer):
    follow_up = stages.recommended()
    address = reverse("followup:detail", args=[follow_up.public_id])
    assert "Berikutnya: Pengingat pertama pada 28 Okt 2024" in _page(officer, address)

    refused = officer.post(address, {"action": "stop", "stop-reason": ""})
    assert "Tulis alasannya" in refused.content.decode()
    officer.post(address, {"action": "stop", "stop-reason": "Bupati baru dilantik."})
    stopped = _page(officer, address)
    assert "Eskalasi dihentikan" in stopped
    assert "Bupati baru dilantik." in stopped
    assert "Berikutnya:" not in stopped

    officer.post(address, {"action": "resume", "resume-reason": "Sudah menjabat."})
    assert "Berikutnya: Pengingat pertama" in _page(officer, address)


def test_letter_of_a_rung_is_a_download(officer):
    follow_up = stages.recommended()
    assert follow_up.due_at is not None
    escalate(at=follow_up.due_at + timedelta(days=3))
    step = EscalationStep.objects.get()
    address = reverse("followup:letter", args=[follow_up.public_id, 1, 1])
    assert officer.get(address).status_code == 404

    set_escalation_letter(subject_id=letter_subject(step), destination="")
    response = officer.get(address)

    assert response.content.startswith(b"%PDF-")
    assert response["Content-Disposition"] == 'attachment; filename="surat-eskalasi-1-1.pdf"'
    assert f'href="{address}"' in _page(
        officer, reverse("followup:detail", args=[follow_up.public_id])
    )
    for wrong in ((1, 2), (2, 1), (1, 99999999999)):
        other = reverse("followup:letter", args=[follow_up.public_id, *wrong])
        assert officer.get(other).status_code == 404


def _day(prefix, name, day):
    return {
        f"{prefix}-{name}_{part}": value
        for part, value in zip(("day", "month", "year"), day, strict=True)
    }


def test_appeal_is_entered_decided_with_its_file_and_verified_by_another(officer, time_machine):
    time_machine.move_to(stages.LATER + timedelta(days=5))
    follow_up = stages.answered()
    address = reverse("followup:detail", args=[follow_up.public_id])

    officer.post(
        address,
        {"action": "file_appeal", "file_appeal-note": ""}
        | _day("file_appeal", "received_on", ("11", "10", "2024"))
        | _day("file_appeal", "filed_on", ("16", "10", "2024")),
    )
    follow_up.refresh_from_db()
    assert follow_up.status == "appealed"
    assert "Keberatan kepada atasan" in _page(officer, address)

    given = {
        "action": "decide_appeal",
        "decide_appeal-outcome": "lightened",
        "decide_appeal-number": "800/9/2024",
        "decide_appeal-note": "",
    } | _day("decide_appeal", "decided_on", ("18", "10", "2024"))
    refused = officer.post(
        address, given | {"decide_appeal-proof": SimpleUploadedFile("a.pdf", stages.pdf())}
    )
    assert "Pilih sanksi yang baru" in refused.content.decode()
    light = SanctionType.objects.get(code="TT")
    given["decide_appeal-sanction_type"] = str(light.pk)
    officer.post(
        address, given | {"decide_appeal-proof": SimpleUploadedFile("a.pdf", stages.pdf())}
    )

    follow_up.refresh_from_db()
    assert (follow_up.status, follow_up.gap, follow_up.imposed) == ("answered", "lighter", light)
    page = _page(officer, address)
    assert "Lebih ringan" in page
    assert officer.get(reverse("followup:proof", args=[follow_up.public_id, 2])).status_code == 200
    officer.post(address, {"action": "verify"})
    follow_up.refresh_from_db()
    assert follow_up.status == "answered"


def test_ledger_as_of_a_day(officer, time_machine):
    time_machine.move_to(stages.LATER + timedelta(days=5))
    follow_up = stages.answered()
    address = reverse("followup:detail", args=[follow_up.public_id])

    now, before = _page(officer, address), _page(officer, address + "?per=2024-10-10")

    assert "Kedudukan sekarang" in now
    assert now.count("800/123/2024") == before.count("800/123/2024") + 1
    assert "Kedudukan menurut catatan 10 Oktober 2024" in before
    assert "Kedudukan sekarang" in _page(officer, address + "?per=kemarin")
