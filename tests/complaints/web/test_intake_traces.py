"""What the form leaves behind: in addresses, headers, cookies, fields, and in what is put aside."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from complaints.models import Complaint, ReporterSession, SavedDraft
from complaints.web.intake_leaks import traces_in
from tests.complaints.web.walk import (
    ANSWERS,
    NOT_NEUTRAL,
    answer,
    send,
    shows,
    start,
    step_of,
    text,
    title,
    walk_to,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_clock", "vault_keys")]

SEALED = {"lane": {"lane": "sealed"}, "when": {"keeps_away": "on"}}


def all_pages(client):
    """Return every page of a sealed report, from the first to the one after the receipt."""
    pages = [client.get("/f/"), start(client)]
    while step_of(pages[-1]) != "check":
        step = step_of(pages[-1])
        pages.append(answer(client, step, **SEALED.get(step, {})))
    client.post("/f/", {"step": "check", "do": "save"})
    pages.append(client.get("/f/"))
    client.post("/f/", {"do": "saved_kept"})
    send(client)
    pages += [client.get("/f/"), client.post("/f/", {"do": "kept"})]
    return pages


def test_h08_h10_h13_headers_and_titles_of_every_page(client):
    pages = all_pages(client)

    assert len(pages) == 15
    for page in pages:
        assert page["Cache-Control"] == "no-store"
        assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert not {"ETag", "Last-Modified", "Server", "X-Request-ID"} & set(page.headers)
        assert [word for word in NOT_NEUTRAL if word in title(page).lower()] == []
        assert set(page.cookies) <= {settings.REPORTER_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
        for cookie in page.cookies.values():
            assert cookie["max-age"] in {"", 0}  # with the browser, or at once


def test_h10_public_pages_set_no_cookie(client):
    for address in ("/", "/perlindungan", "/jejak", "/bantuan"):
        assert not client.get(address).cookies, address


def test_r14_fields_ask_the_device_to_keep_nothing(client):
    for page in all_pages(client):
        html = page.content.decode()
        assert "<datalist" not in html
        assert " capture" not in html
        for field in re.findall(r"<(?:input|textarea)[^>]*>", html):
            kind = re.search(r'type="(\w+)"', field)
            if kind is None or kind[1] not in {"hidden", "radio", "checkbox", "file"}:
                assert 'autocomplete="off"' in field, field


def test_r08_the_code_is_in_the_page_alone(client, caplog):
    walk_to(client, "check", **SEALED)
    answers = [send(client), client.get("/f/")]
    groups = answers[1].context["groups"]
    answers += [client.post("/f/", {"do": "kept"}), client.get("/f/")]

    code = "".join(groups)
    for each in answers:
        heads = " ".join(f"{name}: {value}" for name, value in each.headers.items())
        cookies = each.cookies.output()
        for part in (code, " ".join(groups), code[5:19]):
            assert part not in heads + cookies + (each.get("Location") or "")
    assert code not in title(answers[1])
    assert not shows("\n".join(caplog.messages), groups)


def test_r12_the_last_page_takes_every_cookie(client):
    walk_to(client, "check")
    send(client)
    client.get("/f/")

    page = client.post("/f/", {"do": "kept"})

    taken = {name for name, cookie in page.cookies.items() if cookie["max-age"] == 0}
    assert taken == {settings.REPORTER_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert ReporterSession.objects.count() == 0


def test_r15_everything_is_at_one_address(client):
    """The pages name no other address of the form, and every answer leads back to it."""
    for page in all_pages(client):
        actions = set(re.findall(r'<form[^>]*action="([^"]+)"', page.content.decode()))
        assert actions <= {"/f/"}
    assert Client().get("/f/kode").status_code == 404


@pytest.mark.parametrize("step", ["acts", "when", "story", "check"])
def test_a_draft_is_put_aside_from_any_step_and_taken_up_on_another_phone(client, step):
    page = walk_to(client, step)
    assert 'value="save"' in page.content.decode()

    client.post("/f/", {"step": step, "do": "save", **ANSWERS.get(step, {})})

    page = client.get("/f/")
    assert "Kode lanjutan" in text(page)
    assert "belum terkirim" in text(page)
    groups = page.context["groups"]
    assert client.post("/f/", {"do": "saved_leave"})["Location"] == "/"
    assert ReporterSession.objects.count() == 0
    other = Client()
    other.post("/f/", {"do": "resume", "code": " ".join(groups)})
    page = other.get("/f/")
    assert step_of(page) == step
    if step == "story":
        assert ANSWERS["story"]["story"] in page.content.decode()


def test_saving_goes_on_and_sending_erases_the_copy(client):
    walk_to(client, "check")
    client.post("/f/", {"step": "check", "do": "save"})
    assert SavedDraft.objects.count() == 1

    client.post("/f/", {"do": "saved_kept"})

    assert step_of(client.get("/f/")) == "check"
    send(client)
    assert SavedDraft.objects.count() == 0
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1234", "Kode ini belum benar"),
        ("00000 00000 00000 00000", "Tidak ada isian dengan kode ini"),
        ("x" * 5000, "Kode ini belum benar"),
    ],
)
def test_a_code_that_opens_no_draft_is_said_on_the_first_page(client, typed, expected):
    response = client.post("/f/", {"do": "resume", "code": typed})

    assert (response.status_code, response["Location"]) == (303, "/f/")
    page = client.get("/f/")
    assert expected in text(page)
    assert typed[:50] not in page.content.decode()
    assert step_of(start(client)) == "who"


def test_nothing_put_aside_after_three_days(client, form_clock):
    walk_to(client, "story")
    client.post("/f/", {"step": "story", "do": "save"})
    groups = client.get("/f/").context["groups"]
    form_clock.shift(timedelta(days=4))

    other = Client()
    other.post("/f/", {"do": "resume", "code": "".join(groups)})

    assert "Tidak ada isian dengan kode ini" in text(other.get("/f/"))


def test_the_language_lives_in_the_address_alone(client, settings):
    page = client.get("/f/")
    assert set(page.cookies) == {settings.CSRF_COOKIE_NAME}
    assert 'href="/en/f/"' in page.content.decode()

    page = client.get("/en/f/")
    assert set(page.cookies) <= {settings.CSRF_COOKIE_NAME}
    assert '<html lang="en"' in page.content.decode()
    assert 'href="/f/"' in page.content.decode()

    response = client.post("/en/f/", {"do": "start"})
    assert (response.status_code, response["Location"]) == (303, "/en/f/")
    assert set(response.cookies) == {settings.REPORTER_COOKIE_NAME}
    assert 'action="/en/f/"' in client.get("/en/f/").content.decode()
    # the same draft, in the other language
    assert 'action="/f/"' in client.get("/f/").content.decode()


STORIES = [
    ("Kantor saya di lantai dua", ["own_place"]),
    ("Waktu rapat di bidang kami beliau bicara", ["own_place"]),
    ("Saya sebagai bendahara melihat kuitansinya", ["own_place"]),
    ("di tempat saya bekerja ada spanduk", ["own_place"]),
    ("Atasan langsung saya yang menyuruh", ["own_people"]),
    ("suami saya ikut diundang", ["own_people"]),
    ("hanya kami bertiga di ruangan itu", ["only_me"]),
    ("Saya yang mengetik suratnya", ["only_me"]),
    ("NIK 3308011202900001 dan HP 081234567890", ["nik", "phone"]),
    ("Pak Camat dan kepala dinas hadir di kantor kecamatan", []),
    ("Rekan-rekan wartawan meliput, ibu-ibu bersorak", []),
]


@pytest.mark.parametrize(("story", "kinds"), STORIES)
def test_traces_by_kind(story, kinds):
    assert [trace.kind for trace in traces_in(story)] == kinds


def test_a_trace_shows_the_words_and_a_little_around_them():
    story = (
        "Pada hari Senin pagi itu rekan saya membagikan stiker kepada semua orang di balai desa."
    )

    (trace,) = traces_in(story)

    assert (trace.before, trace.words, trace.after) == (
        "… hari Senin pagi itu ",
        "rekan saya",
        " membagikan stiker …",
    )


def test_a_trace_that_may_stay_is_not_asked_about_again_but_a_new_one_is(client):
    walk_to(client, "story")
    page = answer(client, "story", story="Rekan saya melihatnya di balai desa.")
    assert "Rekan saya" in text(page)
    answer(client, "leak")
    answer(client, "links", do="back")

    page = answer(client, "story", story="Rekan saya dan istri saya melihatnya di balai desa.")

    assert step_of(page) == "leak"
    assert [trace.words for trace in page.context["traces"]] == ["istri saya"]
