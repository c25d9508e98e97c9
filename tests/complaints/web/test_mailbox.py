"""The way back with twenty digits."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache, caches

from complaints.models import Receipt, ReporterSession
from complaints.receipts import ReceiptCode, format_code
from complaints.services import guessing
from complaints.services.intake import submit_tip
from complaints.services.milestones import reach_milestone
from complaints.services.reporter_session import read_session
from complaints.states import Milestone
from tests.complaints.web.walk import NOT_NEUTRAL, NOW, errors, text, title, walk_to
from tests.factories import facts
from tests.support.puzzles import answered, solved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def submitted():
    return submit_tip(facts=facts(), at=NOW)


def stored() -> Any:
    """Return the cache's own client, to look at its keys."""
    return caches["default"]._cache.get_client()  # type: ignore[attr-defined]


def open_with(client, typed):
    response = client.post("/s/", {"code": typed})
    assert response.status_code == 303
    return client.get(response["Location"])


def wrong(code):
    """Return well-formed digits with the same handle that open nothing."""
    digits = "".join(code)
    secret = f"{(int(digits[5:19]) + 1) % 10**14:014d}"
    return " ".join(format_code(ReceiptCode(digits[:5], secret)))


@pytest.mark.parametrize(
    "shape",
    ["{0}{1}{2}{3}{4}", "{0} {1} {2} {3} {4}", " {0}-{1}-{2}–{3}.{4} ", "{0}\n{1}\n{2}{3}{4}"],
)
def test_the_code_opens_in_any_shape(client, submitted, shape):
    page = open_with(client, shape.format(*submitted.code))

    assert page.request["PATH_INFO"] == "/s/isi"
    assert page.context["mailbox"].heading == "Laporan Anda sudah diterima"


def test_page_says_where_it_stands_and_nothing_else(client, submitted):
    page = open_with(client, " ".join(submitted.code))

    shown = text(page)
    assert "Langkah ini selesai paling lambat Rabu, 9 Oktober 2024." in shown
    assert "Senin, 7 Oktober 2024" in shown
    assert "Diteruskan ke BKN" in shown
    assert "tidak ada nama yang bisa dibuka" in shown
    html = page.content.decode()
    for hidden in ("Wiratama", "Camat", "Balai Desa", "nomor dua", submitted.complaint.reference):
        assert hidden not in html
    assert submitted.complaint.search_text.count("Wiratama") == 1
    assert title(page) == "Kabar – Formulir"
    assert [word for word in NOT_NEUTRAL if word in title(page).lower()] == []
    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow"


def test_opening_takes_three_queries_and_the_page_eight(
    client, submitted, django_assert_num_queries
):
    with django_assert_num_queries(3):
        client.post("/s/", {"code": "".join(submitted.code)})
    with django_assert_num_queries(8):
        client.get("/s/isi")
    reach_milestone(complaint=submitted.complaint, kind=Milestone.CHECKED, on=NOW.date())
    with django_assert_num_queries(8):
        client.get("/s/isi")


def test_typo_is_told_without_a_look_at_the_database(
    client, submitted, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("complaints.receipts.derive", _never)
    digits = "".join(submitted.code)
    typed = digits[:-1] + str((int(digits[-1]) + 1) % 10)

    with django_assert_num_queries(1):  # keeping what was typed
        client.post("/s/", {"code": typed})
    page = client.get("/s/")

    assert "mungkin ada angka yang tertukar" in text(page)
    assert f'value="{typed}"' in page.content.decode()
    assert page.content.decode().count("<title>Galat: Buka – Formulir</title>") == 1


@pytest.mark.parametrize(("typed", "count"), [("1234 5678", 8), ("1" * 21, 21), ("abc", 0)])
def test_a_code_of_another_length_is_told_how_many_digits_stand_there(client, typed, count):
    page = open_with(client, typed)

    expected = f"Kode terdiri dari 20 angka. Yang tertulis {count} angka."
    assert [str(each) for each in page.context["form"].errors["code"]] == [expected]


def _never(*_args, **_kwargs):
    raise AssertionError("the slow hash ran for a typo")


def test_wrong_secret_and_wrong_handle_read_the_same(client, submitted):
    other = "".join(submitted.code)
    handle = f"{(int(other[:5]) + 1) % 100000:05d}"
    stranger = " ".join(format_code(ReceiptCode(handle, other[5:19])))

    pages = [open_with(client, typed) for typed in (wrong(submitted.code), stranger)]

    assert errors(pages[0]) == ["Kode ini tidak membuka apa pun. Periksa lagi angkanya."]
    assert errors(pages[0]) == errors(pages[1])


def test_empty_and_garbage(client):
    assert "Tulis 20 angka kode Anda" in text(open_with(client, ""))
    assert "angka yang tertukar" in text(open_with(client, "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠"))
    assert "Kode terdiri dari 20 angka" in text(open_with(client, "1" * 500))


def test_sixth_wrong_try_brings_a_proof_and_nobody_is_locked_out(client, submitted):
    right = " ".join(submitted.code)
    for _try in range(guessing.FREE_TRIES):
        page = open_with(client, wrong(submitted.code))
        assert "tidak membuka apa pun" in text(page)
        assert page.context["proof"].question is None
    page = open_with(client, wrong(submitted.code))
    assert "Tekan sekali lagi" in text(page)
    assert errors(page) == []
    page = open_with(client, right)
    assert f'value="{right}"' in page.content.decode()

    # without JavaScript: the sum in words, whose answer stands nowhere on the page
    answer = answered(page.context["proof"].question)
    assert page.context["proof"].question.text in text(page)
    response = client.post(
        "/s/", {"code": right, "question": answer.question, "answer": answer.answer}
    )
    assert response["Location"] == "/s/isi"
    client.post("/s/tutup")

    # with JavaScript: the puzzle that every page carries
    page = client.get("/s/")
    assert page.context["proof"].question is None
    puzzle = solved(page.context["proof"].puzzle).puzzle
    assert client.post("/s/", {"code": right, "puzzle": puzzle})["Location"] == "/s/isi"


def test_wrong_answer_to_the_question_gives_another_question(client, submitted):
    for _try in range(guessing.FREE_TRIES):
        open_with(client, wrong(submitted.code))
    page = open_with(client, wrong(submitted.code))
    question = page.context["proof"].question
    client.post(
        "/s/", {"code": " ".join(submitted.code), "question": question.token, "answer": "x"}
    )
    page = client.get("/s/")
    assert page.context["proof"].question.token != question.token


def test_who_reads_often_never_waits(client, submitted):
    for _visit in range(guessing.FREE_TRIES * 2):
        assert open_with(client, " ".join(submitted.code)).request["PATH_INFO"] == "/s/isi"
        client.post("/s/tutup")


def test_r06_a_wrong_code_and_a_purged_record_answer_alike(client, submitted):
    """R06: same status, headers, body and length, whether the code was never one or is one no more."""
    purged = submit_tip(facts=facts(), at=NOW)
    Receipt.objects.filter(complaint=purged.complaint).delete()
    seen = []
    for typed in (wrong(submitted.code), " ".join(purged.code)):
        client.cookies.clear()
        posted = client.post("/s/", {"code": typed})
        page = client.get("/s/")
        seen.append((_stripped(posted, typed), _stripped(page, typed)))
    assert seen[0] == seen[1]
    assert "Kode ini tidak membuka apa pun" in seen[0][1][2]


def _stripped(response, typed):
    """Return status, headers and body without what is drawn anew for every page."""
    body = response.content.decode().replace(typed, "TYPED")
    body = re.sub(
        r'(name="csrfmiddlewaretoken" value=|data-(?:challenge|salt|signature)=)"[^"]*"',
        r"\1",
        body,
    )
    return response.status_code, sorted(response.headers.items()), body


def test_cache_keys_hold_no_handle(client, submitted):
    open_with(client, wrong(submitted.code))

    keys = b" ".join(stored().keys("*")).decode()
    assert "try:" in keys
    assert "".join(submitted.code)[:5] not in keys


def test_opening_gives_a_new_session_and_keeps_a_draft(client, submitted):
    walk_to(client, "people")
    before = client.cookies[settings.REPORTER_COOKIE_NAME].value

    open_with(client, " ".join(submitted.code))

    after = client.cookies[settings.REPORTER_COOKIE_NAME].value
    assert before != after
    assert read_session(token=before, at=NOW) is None
    assert sorted(read_session(token=after, at=NOW) or {}) == ["draft", "mailbox", "mailbox_key"]
    client.post("/s/tutup")
    assert client.get("/s/isi")["Location"] == "/s/"
    assert client.get("/f/").context["step_key"] == "people"


def test_closing_forgets(client, submitted):
    open_with(client, " ".join(submitted.code))

    response = client.post("/s/tutup")

    assert response["Location"] == "/"
    assert response.cookies[settings.REPORTER_COOKIE_NAME]["max-age"] == 0
    assert ReporterSession.objects.count() == 0
    assert client.get("/s/isi")["Location"] == "/s/"


def test_a_look_by_link_closes_nothing(client, submitted):
    open_with(client, " ".join(submitted.code))
    client.get("/s/tutup")
    assert client.get("/s/isi").status_code == 200


def test_opened_page_ends_after_an_idle_hour(client, submitted, clock):
    open_with(client, " ".join(submitted.code))
    clock.shift(timedelta(minutes=61))
    assert client.get("/s/isi")["Location"] == "/s/"


def test_quick_exit_closes_the_page(client, submitted):
    open_with(client, " ".join(submitted.code))
    client.get("/keluar")
    assert ReporterSession.objects.count() == 0


def test_code_is_in_no_log(client, submitted, caplog):
    caplog.set_level("DEBUG")
    digits = "".join(submitted.code)
    open_with(client, wrong(submitted.code))
    open_with(client, digits)
    heard = " ".join(
        record.getMessage() for record in caplog.records if "db.backends" not in record.name
    )
    assert digits not in heard
    assert digits[5:19] not in heard
