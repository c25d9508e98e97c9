"""Trying the API out in a browser: sent with the token of the page alone, under the policy of every page."""

import re

import pytest
from playwright.sync_api import Request, expect

from bawaslu_cases.accounts import api_quota
from bawaslu_cases.accounts.api.operations import operations
from complaints.models import Complaint
from tests.factories import office
from tests.support.api_clients import api_client

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_finding_is_sent_once_and_the_token_stays_in_the_page(page):
    api_quota.forget()
    peer = api_client(office("33"))
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each))  # noqa: PLW0108 -- Playwright marks what it calls
    page.goto("/pengembang/coba/create-finding/")
    command = page.locator("[data-curl]")
    key = page.get_by_label("Idempotency-Key")
    shown = operations()["create-finding"].curl.replace("kunci-contoh-1", key.input_value())
    expect(command).to_have_text(shown, use_inner_text=False)

    page.get_by_label("Token").fill(peer.token)
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("[data-status]")).to_have_text("201 Created")
    expect(page.locator("[data-content]")).to_contain_text(Complaint.objects.get().reference)
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("[data-headers]")).to_contain_text("idempotency-replayed: true")
    assert Complaint.objects.count() == 1

    page.get_by_label("Badan permintaan").fill('{"region": "it\'s"}')
    expect(command).to_contain_text("""'{"region": "it'"'"'s"}'""")
    page.get_by_role("button", name="Kunci kiriman baru").click()
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator("[data-status]")).to_have_text(re.compile("^400"))

    posts = [each for each in asked if each.method == "POST"]
    assert [each.url.partition("/api/")[2] for each in posts] == ["v1/findings"] * 3
    assert all("cookie" not in each.all_headers() for each in posts)
    assert peer.token not in page.content()
    assert all(peer.token not in each.url for each in asked)
    kept = page.evaluate(
        "JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])"
    )
    assert peer.token not in kept

    page.goto("/pengembang/coba/")
    page.go_back()
    expect(page.get_by_label("Token")).to_have_value("")
    expect(page.locator("[data-answer]")).to_be_hidden()
