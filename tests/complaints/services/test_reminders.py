"""The morning notice: who, when, once, and without content."""

import socketserver
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from threading import Barrier, Thread
from typing import Any, ClassVar

import pytest
from django.db import connections
from django.utils import timezone

from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from complaints.models import Case, Complaint, Recusal, Reminder
from complaints.selectors.oversight import unit_loads
from complaints.services.assignment import assign
from complaints.services.reminders import remind
from tests.factories import AT, case, office, person, tip

EIGHT_WIB = datetime(2024, 10, 9, 1, 0, tzinfo=UTC)
"""Wednesday 9 October 2024, 08.00 WIB: the review of a tip of Monday ends today."""


@pytest.fixture
def waiting(db: None) -> Complaint:
    """A tip of Monday at Bawaslu Jawa Tengah whose review ends on Wednesday; nobody has it."""
    person("sari"), person("joko"), person("dewi"), person("budi"), person("ratna")
    return tip()


def reminded() -> set[tuple[str, str]]:
    return set(Reminder.objects.values_list("user__name", "kind"))


def test_l13_nobody_hears_before_eight(waiting):
    assert remind(at=EIGHT_WIB - timedelta(minutes=1)) == 0
    assert reminded() == set()


def test_officers_of_the_office_hear_at_eight_once(waiting):
    # Joko is case officer and chair; Dewi only votes; Budi works elsewhere.
    assert remind(at=EIGHT_WIB) == 2
    assert remind(at=EIGHT_WIB + timedelta(minutes=5)) == 0
    assert reminded() == {("Sari", "morning"), ("Joko", "morning")}
    assert OutboxMessage.objects.filter(topic="complaints.remind").count() == 2


def test_whoever_has_it_hears_alone(waiting):
    Complaint.objects.filter(pk=waiting.pk).update(assignee=person("joko"))

    remind(at=EIGHT_WIB)

    assert reminded() == {("Joko", "morning")}


def test_day_before_the_deadline_is_quiet(waiting):
    assert remind(at=EIGHT_WIB - timedelta(days=1)) == 0


def test_next_day_is_a_new_notice(waiting):
    remind(at=EIGHT_WIB)

    assert remind(at=EIGHT_WIB + timedelta(days=1)) == 2


def test_chair_and_the_level_above_hear_when_it_is_far_past(waiting):
    remind(at=EIGHT_WIB + timedelta(days=2))
    assert not Reminder.objects.filter(kind="escalation").exists()

    remind(at=EIGHT_WIB + timedelta(days=3))

    # Joko chairs Jawa Tengah, Ratna Bawaslu RI above it.
    escalated = {name for name, kind in reminded() if kind == "escalation"}
    assert escalated == {"Joko", "Ratna"}


def test_a20_nobody_hears_of_what_they_keep_away_from(waiting):
    """Neither an officer of what nobody has nor the chair of an office that is behind (check A20)."""
    Recusal.objects.create(user=person("joko"), complaint=waiting, reason="relative", since=AT)

    remind(at=EIGHT_WIB)
    assert reminded() == {("Sari", "morning")}
    remind(at=EIGHT_WIB + timedelta(days=3))
    assert reminded() == {("Sari", "morning"), ("Ratna", "escalation")}

    other = tip()
    remind(at=EIGHT_WIB + timedelta(days=4))
    assert {("Joko", "morning"), ("Joko", "escalation")} <= reminded()
    assert other.office == waiting.office


def stalled(row: Complaint | Case) -> None:
    """Let nothing be late, so that only standing still is left to tell."""
    type(row).objects.filter(pk=row.pk).update(
        status_at=EIGHT_WIB - timedelta(days=6), due_at=EIGHT_WIB + timedelta(days=9)
    )


def escalated() -> set[str]:
    return {name for name, kind in reminded() if kind == "escalation"}


@pytest.mark.django_db
@pytest.mark.parametrize("make", [tip, case])
def test_chair_above_hears_once_a_day_of_what_stands_still(make):
    people = [person(name) for name in ("sari", "joko", "dewi", "budi", "ratna")]
    row = make()
    stalled(row)

    remind(at=EIGHT_WIB - timedelta(minutes=1))
    before = escalated()
    remind(at=EIGHT_WIB)
    again = remind(at=EIGHT_WIB + timedelta(minutes=30))

    # Joko chairs the office itself: that a clock runs is his own officers' matter.
    assert (before, escalated(), again) == (set(), {"Ratna"}, 0)
    assert people[-1].office == row.office.parent
    assert remind(at=EIGHT_WIB + timedelta(days=1)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("make", [tip, case])
def test_what_somebody_works_on_does_not_stand_still(make):
    sari = person("sari")
    person("ratna")
    row = make()
    stalled(row)
    assign(
        subject=row, to=sari, officer=sari, at=EIGHT_WIB - timedelta(days=1), seen=row.assignee_id
    )

    remind(at=EIGHT_WIB)

    assert escalated() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("make", [tip, case])
def test_nobody_hears_of_what_stands_still_but_must_not_see_it(make):
    """Neither a chair with a conflict of interest nor one of a unit that is kept away (check A20)."""
    ratna = person("ratna")
    recused, kept = make(), make()
    stalled(recused)
    stalled(kept)
    subject = {"complaint" if isinstance(recused, Complaint) else "case": recused}
    Recusal.objects.create(user=ratna, reason="relative", since=AT, **subject)
    type(kept).objects.filter(pk=kept.pk).update(excluded_offices=[ratna.office_id])

    remind(at=EIGHT_WIB)
    silent = escalated()
    stalled(make())
    remind(at=EIGHT_WIB)

    assert (silent, escalated()) == (set(), {"Ratna"})


@pytest.mark.django_db
def test_cell_of_a_unit_leads_to_what_stands_still(client):
    record, matter, fresh = tip(), case(), tip()
    stalled(record)
    stalled(matter)
    Complaint.objects.filter(pk=fresh.pk).update(status_at=EIGHT_WIB)
    code = record.office.code
    client.force_login(person("ratna"))

    import time_machine

    with time_machine.travel(EIGHT_WIB, tick=False):
        units = client.get("/kerja/pengawasan/").content.decode()
        records = client.get(f"/kerja/antrean/?office={code}&stalled=yes")
        cases = client.get(f"/kerja/perkara/?view=stalled&office={code}")
        elsewhere = client.get(f"/kerja/perkara/?view=stalled&office={office('51').code}")
        unknown = client.get("/kerja/perkara/?view=stalled&office=nowhere")

    assert f'href="/kerja/antrean/?office={code}&amp;stalled=yes">1 laporan</a>' in units
    assert f'href="/kerja/perkara/?view=stalled&amp;office={code}">1 perkara</a>' in units
    assert [row["public_id"] for row in records.context["rows"]] == [record.public_id]
    assert [row["number"] for row in cases.context["rows"]] == [matter.reference]
    assert f"Hanya perkara {matter.office.name}." in cases.content.decode()
    assert elsewhere.context["rows"] == []
    assert unknown.status_code == 404


def test_suspended_person_hears_nothing(waiting):
    sari = person("sari")
    sari.is_active = False
    sari.save(update_fields=["is_active"])

    remind(at=EIGHT_WIB)

    assert reminded() == {("Joko", "morning")}


@pytest.mark.django_db(transaction=True)
def test_six_workers_at_once_remind_once():
    """Check F19."""
    person("sari")
    tip()
    start = Barrier(6)
    made: list[int] = []

    def work(number: int) -> None:
        try:
            start.wait()
            made.append(remind(at=EIGHT_WIB + timedelta(microseconds=number)))
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [0, 0, 0, 0, 0, 1]
    assert Reminder.objects.count() == 1
    assert OutboxMessage.objects.filter(topic="complaints.remind").count() == 1


class Sink(socketserver.StreamRequestHandler):
    """A mail server that takes everything: enough of RFC 5321 for one sender."""

    mails: ClassVar[list[str]] = []

    def handle(self) -> None:
        """Talk to one sender."""
        self.wfile.write(b"220 sink\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go\r\n")
                text = b""
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                    text += part
                self.mails.append(text.decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def mail_server(settings: Any) -> Iterator[list[str]]:
    """A real SMTP server on loopback, named by the settings; gives the mails that came."""
    Sink.mails.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.server_address[1]
        settings.EMAIL_USE_TLS = False
        yield Sink.mails
        server.shutdown()
        thread.join()


def test_mail_has_no_content(waiting, mail_server):
    Complaint.objects.filter(pk=waiting.pk).update(assignee=person("joko"))
    remind(at=EIGHT_WIB)
    message = OutboxMessage.objects.get(topic="complaints.remind")

    deliver(message.pk)
    deliver(message.pk)

    (text,) = mail_server
    mail = message_from_string(text)
    body = mail.get_payload(decode=True)
    assert mail["To"] == "joko@contoh.id"
    assert mail["Message-ID"] == f"<outbox-{message.pk}@kasus.invalid>"
    assert mail["Subject"] == "Ada yang menunggu Anda"
    assert isinstance(body, bytes)
    assert body.decode().strip() == (
        "Masuk ke tempat kerja Anda untuk melihatnya. Surel ini sengaja tanpa isi."
    )
    for secret in (waiting.reference, waiting.title, "Contoh Wiratama", "http", "/kerja"):
        assert secret not in text


def test_without_a_mail_server_nothing_is_sent_and_nothing_parked(waiting, settings):
    settings.EMAIL_HOST = ""
    remind(at=EIGHT_WIB)
    for message in OutboxMessage.objects.filter(topic="complaints.remind"):
        deliver(message.pk)

    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"DONE"}


def test_page_of_units_counts_what_the_person_may_open(client, waiting):
    import time_machine

    with time_machine.travel(EIGHT_WIB + timedelta(days=4), tick=False):
        client.force_login(person("ratna"))
        page = client.get("/kerja/pengawasan/")
        (load,) = unit_loads(user=person("ratna"), at=timezone.now())
        assert (load.office.path, load.records, load.cases) == ("00.33", 1, 0)
        assert (load.passed, load.far, load.nobody) == (1, 1, 1)
        assert len(page.context["rows"]) == 1
        assert "1 unit lewat tenggat lebih dari 2 hari." in page.content.decode()
        client.force_login(person("budi"))
        assert client.get("/kerja/pengawasan/").context["rows"] == []
    assert AT < EIGHT_WIB
