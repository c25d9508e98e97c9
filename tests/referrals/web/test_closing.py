"""The page that closes a case by hand, from the button of the case to the second person's refusal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import Case
from complaints.states import CaseAction, CaseStatus
from referrals.models import Referral
from tests.factories import AT, decided_case, person
from tests.referrals import stages
from tests.support.case_world import sent_case

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=7)


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(LATER, tick=True):
        yield


def page_of(found: Case) -> str:
    return f"/kerja/perkara/{found.public_id}/"


def door(found: Case) -> str:
    return f"/kerja/rujukan/perkara/{found.public_id}/tutup/"


def typed(shown: Any, **changes: Any) -> dict[str, Any]:
    return {
        "reply_number": "12/PY/2024",
        "reply_on": "2024-10-11",
        "reason": "KPU menegur panitia.",
        "seen": shown.context["form"]["seen"].value(),
        **changes,
    }


def test_case_is_closed_from_its_page(client):
    found = sent_case()
    client.force_login(person("sari"))

    offered = door(found) in client.get(page_of(found)).content.decode()
    shown = client.get(door(found))
    done = client.post(door(found), typed(shown))
    again = client.post(door(found), typed(shown))

    assert offered
    assert done.headers["Location"] == page_of(found)
    found.refresh_from_db()
    assert found.status == CaseStatus.CLOSED
    assert found.events.latest("pk").reason.startswith("Balasan nomor 12/PY/2024, 11 Oktober 2024.")
    assert again.status_code == 409
    assert found.events.filter(action="close_by_hand").count() == 1
    after = client.get(page_of(found)).content.decode()
    assert door(found) not in after
    history = client.get(page_of(found), {"t": "kegiatan"}).content.decode()
    assert "KPU menegur panitia." in history
    lists = {
        view: found.reference in client.get(f"/kerja/perkara/?view={view}").content.decode()
        for view in ("open", "referred", "ended")
    }
    assert lists == {"open": False, "referred": False, "ended": True}


def test_what_lacks_is_said_at_its_field(client):
    found = sent_case()
    client.force_login(person("joko"))
    shown = client.get(door(found))

    answer = client.post(door(found), typed(shown, reply_number=""))

    assert answer.status_code == 200
    assert answer.context["form"].errors == {"reply_number": ["Tulis nomor balasannya"]}
    found.refresh_from_db()
    assert found.status == CaseStatus.REFERRED


def test_why_it_cannot_be_closed_stands_where_the_form_would(client):
    client.force_login(person("sari"))
    waiting, running = sent_case(), stages.delivered()
    with time_machine.travel(AT, tick=True):
        client.force_login(person("sari"))
        early = client.get(door(waiting)).content.decode()
    client.force_login(person("sari"))
    told = client.get(door(running.case)).content.decode()
    undecided = client.get(door(decided_case())).content.decode()

    assert "Koreksi masih dapat diminta sampai 10 Oktober 2024." in early
    assert "perkara ditutup oleh tindak lanjutnya" in told
    assert "Perkara ini tidak sedang diteruskan." in undecided
    for page in (early, told, undecided):
        assert "reply_number" not in page


def test_recommendation_offers_no_closing_on_the_case(client):
    running = stages.delivered().case
    client.force_login(person("sari"))

    assert door(running) not in client.get(page_of(running)).content.decode()
    listed = client.get(f"/kerja/rujukan/perkara/{running.public_id}/")
    assert listed.context["may_close"] is False
    # As a case stands that came back after its referral had ended.
    Referral.objects.filter(case=running).update(status="closed")
    shown = client.get(f"/kerja/rujukan/perkara/{running.public_id}/")
    assert shown.context["may_close"] is True
    assert door(running) in shown.content.decode()


def test_page_of_referrals_proposes_only_what_the_plenary_decided(client):
    client.force_login(person("sari"))
    pages = [
        client.get(f"/kerja/rujukan/perkara/{found.public_id}/").context["may_propose"]
        for found in (decided_case(), sent_case(CaseAction.DECIDE_CRIME))
    ]

    assert pages == [True, False]


@pytest.mark.parametrize(("who", "status"), [("dewi", 403), ("vera", 403), ("budi", 404)])
def test_strangers_close_nothing(client, who, status):
    found = sent_case(CaseAction.DECIDE_ETHICS)
    client.force_login(person(who))

    assert client.get(door(found)).status_code == status
    assert client.post(door(found), {"reason": "Selesai."}).status_code == status
    found.refresh_from_db()
    assert found.status == CaseStatus.REFERRED
