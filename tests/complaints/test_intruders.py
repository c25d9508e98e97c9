"""What an intruder with a part of the system tries: an excluded unit, a leaver, a custodian, a DBA.

Every test here began as a hole that was open.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from bawaslu_cases.accounts.models import RoleGrant
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.errors import ConflictError, NotPermittedError
from complaints.errors import VaultRefusedError
from complaints.models import Case, SavedDraft, ShareRelease, UnsealRequest
from complaints.services import guessing, proof_of_work, unsealing
from complaints.services.intake import record_finding, submit_tip
from complaints.services.keys import import_file
from complaints.services.reporter_session import read_session
from complaints.states import UnsealStatus
from referrals.selectors.desk import cases_to_refer, referral_queue
from referrals.selectors.follow_ups import watched_follow_ups
from tests.complaints.services.test_unsealing import asked_for, let_go
from tests.complaints.web.walk import walk_to
from tests.factories import AT, decided_case, facts, office, person, report
from tests.referrals import stages
from tests.support.puzzles import solved
from tests.support.vault import CUSTODIANS

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)


def kept_from_jateng(case: Case) -> Case:
    Case.objects.filter(pk=case.pk).update(excluded_offices=[office("33").pk])
    return case


# --- a province's officer whom the reporter keeps away --------------------------------------------


def test_excluded_unit_sees_no_referral_of_the_case():
    referral = stages.proposed()
    assert referral_queue(person("joko")).filter(pk=referral.pk).exists()
    kept_from_jateng(referral.case)
    assert not referral_queue(person("joko")).filter(pk=referral.pk).exists()
    assert referral_queue(person("ratna")).filter(pk=referral.pk).exists()


def test_excluded_unit_sees_no_follow_up_of_the_case():
    follow_up = stages.recommended()
    assert watched_follow_ups(person("sari")).filter(pk=follow_up.pk).exists()
    kept_from_jateng(follow_up.referral.case)
    assert not watched_follow_ups(person("sari")).filter(pk=follow_up.pk).exists()
    assert watched_follow_ups(person("anwar")).filter(pk=follow_up.pk).exists()


def test_excluded_unit_is_not_asked_to_refer_the_case():
    case = kept_from_jateng(decided_case())
    assert case not in list(cases_to_refer(person("sari")))
    assert case in list(cases_to_refer(person("ratna")))


def test_finding_traced_from_a_tip_keeps_the_same_units_away():
    told = submit_tip(facts=facts(), at=AT).complaint
    told.excluded_offices = [office("33").pk]
    told.save(update_fields=["excluded_offices"])
    traced = record_finding(facts=facts(), officer=person("ratna"), at=AT, traced_from=told)
    assert traced.excluded_offices == [office("33").pk]


# --- somebody who left, or moved, between release and opening -------------------------------------


def test_v22_leaver_is_not_handed_a_share_that_was_released_before(vault_keys):
    _asked, row = asked_for(vault_keys, report())
    let_go(vault_keys, row)
    held = vault_keys.certificate("vera")
    import_file(vault_keys.revocations(serial=2, revoked=(held.fingerprint(),)), at=AT)
    with pytest.raises(VaultRefusedError):
        unsealing.fetch_release(request=row, verifier=person("vera"), at=LATER)
    assert UnsealRequest.objects.get(pk=row.pk).status == UnsealStatus.RELEASED
    assert ShareRelease.objects.filter(request=row).exists()


def test_verifier_moved_to_another_office_is_not_handed_a_share(vault_keys):
    _asked, row = asked_for(vault_keys, report())
    let_go(vault_keys, row)
    moved = person("vera")
    moved.office = office("51")
    moved.save(update_fields=["office"])
    with pytest.raises(NotPermittedError):
        unsealing.fetch_release(request=row, verifier=moved, at=LATER)


def test_v14_time_of_a_request_stretched_by_sql_serves_nothing(vault_keys):
    _asked, row = asked_for(vault_keys, report())
    let_go(vault_keys, row)
    ended = row.expires_at
    UnsealRequest.objects.filter(pk=row.pk).update(expires_at=ended + timedelta(days=30))
    row = UnsealRequest.objects.get(pk=row.pk)
    with pytest.raises((VaultRefusedError, ConflictError)):
        unsealing.fetch_release(
            request=row, verifier=person("vera"), at=ended + timedelta(minutes=1)
        )


# --- one person on both sides, one after the other ------------------------------------------------


def test_v04_whoever_held_a_desks_key_never_becomes_a_custodian(vault_keys):
    """They may remember share A of every report of an epoch; share B would make them both sides."""
    vito = person("vito")
    RoleGrant.objects.filter(user=vito).update(role=Role.CUSTODIAN)
    vito.office = None
    vito.save(update_fields=["office"])
    moved = vault_keys.newcomer(CUSTODIANS, "vito")
    with pytest.raises(VaultRefusedError) as caught:
        import_file(moved.certificate, at=AT)
    assert caught.value.code == "split_custody"
    assert UUID(moved.id) == vito.public_id


# --- somebody who drowns the form -----------------------------------------------------------------


@pytest.mark.usefixtures("no_tries_yet")
def test_l05_drafts_are_not_put_aside_without_end_and_nobody_is_shut_out(client, monkeypatch):
    """Each new copy costs a slow hash; past the calm number it comes with a proof, or waits."""
    monkeypatch.setattr(guessing, "CALM_SAVES_A_MINUTE", 2)
    monkeypatch.setattr(proof_of_work, "EASIEST", 200)
    for _ in range(2):
        walk_to(Client(), "story").client.post("/f/", {"step": "story", "do": "save"})
    assert SavedDraft.objects.count() == 2
    walk_to(client, "story")
    client.post("/f/", {"step": "story", "do": "save", "story": "Sudah saya tulis."})
    assert SavedDraft.objects.count() == 2
    page = client.get("/f/")
    assert "Sudah saya tulis." in page.content.decode()
    assert page.context["save_proof"].question is not None
    proof = solved(page.context["save_proof"].puzzle).puzzle
    client.post("/f/", {"step": "story", "do": "save", "puzzle": proof})
    assert SavedDraft.objects.count() == 3
    client.post("/f/", {"do": "saved_kept"})
    assert client.get("/f/").context["save_proof"] is None
    # saving again costs no hash and asks for nothing
    client.post("/f/", {"step": "story", "do": "save", "story": "Sudah saya tulis lagi."})
    assert "Kode lanjutan" in client.get("/f/").content.decode()
    assert SavedDraft.objects.count() == 3


# --- somebody who had the phone before --------------------------------------------------------------


@pytest.mark.usefixtures("no_tries_yet")
def test_cookie_noted_before_a_form_was_begun_opens_nothing_of_it():
    phone = Client()
    phone.post("/s/", {"code": "1" * 20})
    noted = phone.cookies[settings.REPORTER_COOKIE_NAME].value
    walk_to(phone, "story")
    phone.post("/f/", {"step": "story", "do": "next", "story": "KENARI menulis ini sendiri."})
    assert phone.cookies[settings.REPORTER_COOKIE_NAME].value != noted
    thief = Client()
    thief.cookies[settings.REPORTER_COOKIE_NAME] = noted
    assert "KENARI" not in thief.get("/f/").content.decode()
    assert read_session(token=noted, at=timezone.now()) is None


@pytest.fixture
def no_tries_yet():
    cache.clear()
    yield
    cache.clear()
