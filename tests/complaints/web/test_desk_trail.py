"""The auditor's page: by file, by person, with the state of the chain, and without a way round."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from bawaslu_cases.audit.checkpoints import write_checkpoint
from bawaslu_cases.audit.services import record
from complaints.models import CaseComplaint
from tests.bawaslu_cases.audit.conftest import log
from tests.factories import case, office, person, tip

pytestmark = pytest.mark.django_db

URL = "/kerja/jejak/"


@pytest.fixture(autouse=True)
def _signer(settings, tmp_path):
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.AUDIT_SIGNING_KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def auditor():
    return enrol_staff(
        email="bima@contoh.id",
        name="Bima Kartika",
        password=None,
        roles=[Role.AUDITOR],
        office=office(None),
    )


@pytest.fixture
def desk(auditor):
    client = Client()
    client.force_login(auditor)
    return client


def rows(response):
    """Return the numbers of the entries a page shows, in its order."""
    return [row["number"] for row in response.context["rows"]]


def test_today_leads_an_auditor_to_the_log(desk):
    response = desk.get(reverse("desk:today"))
    assert (response.status_code, response["Location"]) == (302, URL)


def test_every_reading_of_the_log_is_an_entry_before_it_is_shown(desk, auditor):
    first, second = desk.get(URL), desk.get(URL, {"officer": auditor.public_id.hex})

    assert [(entry.action, entry.subject, entry.actor) for entry in log()] == [
        ("audit.read", "officer:all", auditor.public_id.hex),
        ("audit.read", f"officer:{auditor.public_id.hex}", auditor.public_id.hex),
    ]
    # Each page shows its own reading on top.
    assert (rows(first), rows(second)) == ([1], [2, 1])
    assert "<strong>Bima Kartika, Bawaslu Republik Indonesia</strong>" in second.content.decode()


def test_a_file_is_the_case_its_records_and_what_was_refused(desk):
    found, sari = case(), person("sari")
    complaint = CaseComplaint.objects.get(case=found).complaint
    other = tip()
    subjects = (
        f"complaint:{complaint.public_id.hex}",
        f"case:{found.public_id.hex}",
        f"record:{found.public_id.hex}",
        f"complaint:{other.public_id.hex}",
    )
    for subject in subjects:
        record(actor=sari.public_id, action="page.desk:record", subject=subject)

    by_case = desk.get(URL, {"file": subjects[1]})
    by_record = desk.get(URL, {"file": subjects[0]})
    by_other = desk.get(URL, {"file": subjects[3]})

    assert rows(by_case) == [5, 3, 2, 1]
    assert rows(by_record) == [6, 5, 3, 2, 1]
    assert rows(by_other) == [7, 4]
    text = by_case.content.decode()
    assert found.register_number in text
    assert "Baca laporan" in text
    assert sari.name in text


def test_number_and_name_are_posted_and_become_ids_in_the_address(desk, auditor):
    found, sari, complaint = case(), person("sari"), tip()

    def asked(**typed):
        return desk.post(URL, typed)

    by_number = asked(file=f" {found.reference.lower()} ")
    assert by_number["Location"] == f"{URL}?file=case%3A{found.public_id.hex}"
    by_reference = asked(file=complaint.reference)
    assert by_reference["Location"] == f"{URL}?file=complaint%3A{complaint.public_id.hex}"
    both = asked(file=found.register_number, officer=sari.email.upper())
    assert both["Location"] == (
        f"{URL}?file=case%3A{found.public_id.hex}&officer={sari.public_id.hex}"
    )
    assert rows(desk.get(both["Location"])) == []
    for wrong, message in (
        ({"file": "tidak ada"}, "Tidak ada perkara atau laporan dengan nomor ini"),
        ({"officer": "tidak ada"}, "Tidak ada petugas dengan nama atau surel ini"),
    ):
        response = asked(**wrong)
        assert response.status_code == 200
        assert message in response.content.decode()
    # Nobody's name reached the log, and each search is an entry.
    assert {entry.action for entry in log()} == {"page.desk:trail", "audit.read"}
    assert "sari" not in "".join(entry.subject + entry.detail for entry in log())


def test_a_name_of_several_people_asks_which_one(desk):
    people = [
        enrol_staff(email=f"p{n}@contoh.id", name=f"Wahyu {n}", password=None, roles=[])
        for n in range(2)
    ]
    response = desk.post(URL, {"officer": "wahyu"})

    hrefs = [choice["href"] for choice in response.context["choices"]]
    assert hrefs == [f"{URL}?officer={user.public_id.hex}" for user in people]
    assert response.context["rows"] == []


def test_what_is_no_id_is_404_and_kinds_are_known(desk):
    for query in (
        {"officer": "sari"},
        {"file": "case:1"},
        {"file": f"secret:{uuid4().hex}"},
        {"kind": "%"},
    ):
        assert desk.get(URL, query).status_code == 404
    # Text that is no number reads from the top.
    for before in ("x", "-1", "9" * 40, "²"):
        assert desk.get(URL, {"before": before}).status_code == 200


def test_kinds_narrow_and_pages_follow_without_an_offset(desk, auditor):
    sari = person("sari")
    for number in range(120):
        action = "vault.open" if number % 2 else "page.desk:record"
        record(actor=sari.public_id, action=action, subject=f"complaint:{number:032x}")
    seen, address = [], f"{URL}?kind=vault.&officer={sari.public_id.hex}"
    while address:
        page = desk.get(address)
        seen.append(rows(page))
        address = page.context["next_href"]
    assert [len(part) for part in seen] == [50, 10]
    assert sum(seen, []) == list(range(120, 0, -2))  # noqa: RUF017 -- two pages


def test_queries_of_a_page_are_fixed(desk, auditor, django_assert_num_queries):
    sari = person("sari")
    for number in range(30):
        subject = (
            f"complaint:{(tip() if number < 2 else case()).public_id.hex}" if number < 3 else "x"
        )
        record(actor=sari.public_id, action="page.desk:record", subject=subject)
    desk.get(URL)
    # session, person; then what the entries name
    with (
        django_assert_num_queries(4),
        django_assert_num_queries(1, connection=connections["audit"]),
    ):
        desk.get(URL)


def test_the_banner_tells_what_is_proved(desk):
    sari = person("sari")

    def banner():
        state = desk.get(URL).context["state"]
        return state["tone"], str(state["title"]), str(state["text"])

    assert banner()[:2] == ("warning", "Tanda tangan jejak terlambat")
    record(actor=sari.public_id, action="page.desk:record", subject="x")
    made = write_checkpoint()
    assert made is not None
    tone, title, text = banner()
    assert (tone, title) == ("success", "Entri pada halaman ini utuh")
    assert text.startswith("Ditandatangani sampai entri 2 pada ")
    assert text.endswith("1 entri terbaru menunggu tanda tangan berikutnya.")
    write_checkpoint(at=timezone.now() - timedelta(minutes=31))
    assert banner()[0] == "warning"
    with connections["audit"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_event SET actor = 'somebody' WHERE seq = 2")
    assert banner()[:2] == ("error", "Entri pada halaman ini telah diubah")
    response = desk.get(URL)
    assert "diubah" in response.content.decode()
    assert [row["number"] for row in response.context["rows"] if row["broken"]] == [2]


def test_nobody_else_may_read_the_log():
    for key in ("sari", "ratna"):
        client = Client()
        client.force_login(person(key))
        assert client.get(URL).status_code == 403
    assert [entry.action for entry in log()] == ["page.desk:trail", "page.desk:trail"]


def test_what_stands_in_an_entry_is_escaped(desk):
    record(actor="<script>x</script>", action="<b>y</b>", subject="z", purpose="<i>p</i>")
    text = desk.get(URL).content.decode()
    assert "<script>x" not in text
    assert "&lt;script&gt;x&lt;/script&gt;" in text
    assert "&lt;i&gt;p&lt;/i&gt;" in text


def test_every_page_of_the_desk_has_words_in_the_trail():
    from complaints.web.trail import ACTIONS
    from tests.architecture.test_authorisation import named_addresses

    spaces = ("desk:", "vault:", "referrals:", "followup:", "review:", "ppk:")
    pages = {f"page.{name}" for name in named_addresses() if name.startswith(spaces)}

    assert sorted(pages - set(ACTIONS)) == []
