"""The last page, the sending, and the code that is shown once."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from complaints.errors import ProofNeededError
from complaints.models import Complaint, ReporterSession
from complaints.services import guessing
from complaints.services.proof_of_work import NO_PROOF, Purpose
from complaints.web import intake
from tests.complaints.web.walk import (
    ANSWERS,
    NOW,
    errors,
    send,
    shows,
    step_of,
    text,
    title,
    walk_to,
)
from tests.support.puzzles import answered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_clock")]

WINDOWS = [
    # Monday 7 October; Pilkada counts calendar days (UU 10/2016 ps 134)
    ({"known": "same"}, "Masih dalam batas. Sisa 7 hari."),
    (
        {
            "event": "date",
            "event_on_day": "30",
            "event_on_month": "september",
            "event_on_year": "2024",
        },
        "Masih dalam batas. Hari ini hari terakhir.",
    ),
    (
        {"event": "date", "event_on_day": "29", "event_on_month": "9", "event_on_year": "2024"},
        "Sudah lewat 7 hari. Anda tetap bisa melapor.",
    ),
    (
        {"event": "unknown", "known": "same"},
        "Hari Anda mengetahuinya belum pasti, jadi batas 7 hari belum dihitung.",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), WINDOWS)
def test_check_page_says_how_many_days_are_left_and_stops_nobody(client, changes, expected):
    page = walk_to(client, "check", when=changes)

    assert expected in text(page)
    assert send(client)["Location"] == "/f/"


def test_working_days_count_outside_pilkada(client, form_clock):
    # Friday 6 March 2026: no contest; seven working days later is Tuesday 17 March
    form_clock.move_to(datetime(2026, 3, 10, 3, 0, tzinfo=UTC))
    when = {"event": "date", "event_on_day": "6", "event_on_month": "3", "event_on_year": "2026"}

    page = walk_to(client, "check", when=when)

    assert "Masih dalam batas. Sisa 5 hari kerja." in text(page)


def test_completeness_counts_what_an_officer_looks_at(client):
    bare = {
        "people": {"p0-name": "", "p0-agency": ""},
        "when": {"event": "unknown", "known": "unknown"},
        "links": {"link_0": ""},
    }
    page = walk_to(client, "check", **bare)

    assert "Laporan Anda memenuhi 1 dari 5 syarat" in text(page)
    assert "Belum ada tautan, berkas, atau saksi." in text(page)
    assert send(client)["Location"] == "/f/"


def test_statement_must_be_ticked(client):
    walk_to(client, "check")

    response = send(client, statement="")

    assert response["Location"] == "/f/"
    page = client.get("/f/")
    assert errors(page) == ["Centang pernyataan sebelum mengirim"]
    assert title(page) == "Galat: Periksa – Formulir"
    assert Complaint.objects.count() == 0


def test_sending_an_unfinished_form_leads_to_the_missing_page(client):
    walk_to(client, "when")

    assert send(client)["Location"] == "/f/"

    assert step_of(client.get("/f/")) == "when"
    assert Complaint.objects.count() == 0


def test_sending_twice_makes_one_record(client):
    walk_to(client, "check")
    assert send(client)["Location"] == send(client)["Location"] == "/f/"
    assert Complaint.objects.count() == 1


def test_r16_code_is_shown_until_it_is_kept_and_never_again(client, caplog):
    walk_to(client, "check")
    send(client)
    page = client.get("/f/")
    groups = page.context["groups"]
    assert [len(group) for group in groups] == [4] * 5
    assert client.get("/f/").context["groups"] == groups
    assert shows(text(page), groups)  # the control
    assert not shows(title(page), groups)

    page = client.post("/f/", {"do": "kept"})

    assert "Kode tidak ditampilkan lagi" in text(page)
    assert page.cookies[settings.REPORTER_COOKIE_NAME]["max-age"] == 0
    for shown in (page, client.get("/f/"), client.post("/f/", {"do": "kept"})):
        assert "groups" not in shown.context
        assert not shows(text(shown), groups)
    assert ReporterSession.objects.count() == 0
    assert not shows("\n".join(caplog.messages), groups)


def test_r16_code_is_gone_after_ten_minutes(client, form_clock):
    walk_to(client, "check")
    send(client)
    form_clock.shift(timedelta(minutes=9))
    assert "groups" in client.get("/f/").context
    # neither another press nor a wrong code elsewhere gives the code more time
    send(client)
    client.post("/s/", {"code": "1"})
    form_clock.shift(timedelta(minutes=1))

    page = client.get("/f/")
    assert "Kodenya tidak ditampilkan lagi" in text(page)
    assert "groups" not in page.context


def test_receipt_page_names_the_statutory_day(client):
    walk_to(client, "check")
    send(client)

    assert "Petugas melihat keterangannya, paling lambat" in text(client.get("/f/"))


def test_idle_draft_is_gone_and_says_so(client, form_clock):
    walk_to(client, "story")
    form_clock.shift(timedelta(minutes=61))

    page = client.get("/f/")

    assert "Isian yang belum dikirim sudah dihapus" in text(page)
    assert page.cookies[settings.REPORTER_COOKIE_NAME]["max-age"] == 0
    assert "Jaga diri Anda dulu" in text(client.get("/f/"))


def test_an_answer_after_the_quick_exit_brings_nothing_back(client):
    walk_to(client, "story")
    token = client.cookies[settings.REPORTER_COOKIE_NAME].value
    client.get("/keluar")
    client.cookies[settings.REPORTER_COOKIE_NAME] = token

    client.post("/f/", {"step": "story", "do": "next", **ANSWERS["story"]})

    assert ReporterSession.objects.count() == 0


def test_discard_erases_the_draft(client):
    walk_to(client, "check")

    response = client.post("/f/", {"do": "discard", "step": "check"})

    assert response["Location"] == "/"
    assert ReporterSession.objects.count() == 0
    assert Complaint.objects.count() == 0


@pytest.mark.parametrize("trap", ["haste", "hidden field"])
def test_a_program_is_asked_once_more_and_a_person_never_stopped(client, monkeypatch, trap):
    if trap == "haste":
        monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(seconds=5))
    walk_to(client, "check")
    website = "http://spam.test" if trap == "hidden field" else ""

    assert send(client, website=website)["Location"] == "/f/"

    page = client.get("/f/")
    assert "tekan Kirim sekali lagi" in text(page)
    assert page.context["form"].initial["statement"] is True
    assert Complaint.objects.count() == 0
    assert send(client, website=website)["Location"] == "/f/"
    assert Complaint.objects.count() == 1


def test_l05_a_crowd_is_asked_for_a_proof_and_a_person_answers_in_words(client, monkeypatch):
    monkeypatch.setitem(guessing.CALM_A_MINUTE, Purpose.SEND, 1)
    with suppress(ProofNeededError):  # somebody before us in this minute
        guessing.let_send(proof=NO_PROOF, at=NOW)
    walk_to(client, "check")

    send(client)

    page = client.get("/f/")
    assert step_of(page) == "check"
    proof = answered(page.context["proof"].question)
    send(client, question=proof.question, answer=str(int(proof.answer) + 1))
    assert Complaint.objects.count() == 0
    proof = answered(client.get("/f/").context["proof"].question)

    send(client, question=proof.question, answer=proof.answer)

    assert Complaint.objects.count() == 1
    assert "groups" in client.get("/f/").context
