"""Progress on the page of an import moves by itself, under the policy for trusted types."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Route, expect

from complaints.models import LegacyImport
from complaints.services import legacy_imports
from tests.factories import person
from tests.support.sheets import GOOD, workbook
from tests.support.ways_in_and_out import carry_on_imports

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _without_refresh(route: Route) -> None:
    """Pass the page on as it is for browsers with scripts: the header would load it anew as well."""
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=kept)


def test_progress_moves_without_loading_the_page_anew(page):
    found = legacy_imports.open_import(
        content=workbook([GOOD]), officer=person("sari"), at=timezone.now()
    )
    rows = LegacyImport.objects.filter(pk=found.pk)
    rows.update(total_rows=40, done_rows=10)
    client = Client()
    client.force_login(person("sari"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    address = reverse("desk:import", args=[found.public_id])
    page.goto("/bantuan")
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": page.url}])
    page.route(f"**{address}", _without_refresh)
    page.goto(address)
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    status = page.locator("[data-progress]")
    expect(status).to_contain_text("10 dari 40")

    rows.update(done_rows=30)

    expect(status).to_contain_text("30 dari 40")
    expect(page.locator("html")).to_have_attribute("data-same", "yes")

    carry_on_imports(timezone.now())

    expect(status).to_have_count(0)
    expect(page.locator("html")).not_to_have_attribute("data-same", "yes")
