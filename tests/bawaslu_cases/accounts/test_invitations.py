"""A new account: no role, a link that works once and leaves by mail without words."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bawaslu_cases.accounts.models import Invitation, User
from bawaslu_cases.accounts.services import (
    accept_invitation,
    enrol_staff,
    invitation_of,
    invite_again,
    invite_staff,
)
from bawaslu_cases.accounts.services.invitations import HOLDS_FOR, link_of
from bawaslu_cases.accounts.units import Unit, UnitKind
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from tests.factories import AT, PASSWORD, office, person

pytestmark = pytest.mark.django_db


def invited(**changes: Any) -> Invitation:
    plain: dict[str, Any] = {
        "email": "Baru@Contoh.id",
        "name": "Baru Sekali",
        "unit": Unit(UnitKind.OFFICE, office("33")),
        "administrator": person("agus"),
        "at": AT,
    }
    return invite_staff(**(plain | changes))


def token_of(row: Invitation) -> str:
    return link_of(row).rstrip("/").rpartition("/")[2]


def test_an_account_begins_with_nothing_but_a_unit():
    row = invited()

    user = row.user
    assert (user.email, user.office, user.roles) == ("baru@contoh.id", office("33"), frozenset())
    assert not user.has_usable_password()
    assert row.expires_at - row.made_at == HOLDS_FOR
    with pytest.raises(DomainError) as refused:
        invited(email="BARU@contoh.id")
    assert refused.value.field == "email"
    for key in ("sari", "joko", "nur"):
        with pytest.raises(NotPermittedError):
            invited(email="lain@contoh.id", administrator=person(key))


def test_the_link_works_once_and_for_a_time():
    row = invited()
    token = token_of(row)
    assert invitation_of(token, at=AT) == row
    assert invitation_of(token, at=AT + HOLDS_FOR) is None
    for wrong in ("", "abc", token[:-1], token + "x", row.public_id.hex):
        assert invitation_of(wrong, at=AT) is None
    with pytest.raises(DomainError) as refused:
        accept_invitation(invitation=row, password="pendek", at=AT)
    assert refused.value.field == "password"
    stale = invitation_of(token, at=AT)
    assert stale is not None

    accept_invitation(invitation=row, password=PASSWORD, at=AT)

    assert invitation_of(token, at=AT) is None
    with pytest.raises(ConflictError):
        accept_invitation(invitation=stale, password="lain-lagi-yang-panjang", at=AT)
    assert User.objects.get(pk=row.user.pk).check_password(PASSWORD)
    with pytest.raises(DomainError) as refused:
        invite_again(person=row.user, administrator=person("agus"), at=AT)
    assert refused.value.code == "account_used"


def test_a_new_link_calls_the_older_off_and_a_suspended_account_has_none():
    row = invited()
    newer = invite_again(person=row.user, administrator=person("agus"), at=AT)
    assert invitation_of(token_of(row), at=AT) is None
    assert invitation_of(token_of(newer), at=AT) == newer
    User.objects.filter(pk=row.user.pk).update(is_active=False)
    assert invitation_of(token_of(newer), at=AT) is None
    with pytest.raises(DomainError):
        invite_again(person=row.user, administrator=person("agus"), at=AT)
    used = enrol_staff(email="lama@contoh.id", name="Lama", password=PASSWORD, roles=[])
    with pytest.raises(DomainError):
        invite_again(person=used, administrator=person("agus"), at=AT)


def test_the_mail_holds_the_link_and_no_word_of_what_it_is(settings):
    settings.EMAIL_HOST, settings.DESK_ORIGIN = "mail.invalid", "https://kasus.invalid/"
    row = invited()
    message = OutboxMessage.objects.get(topic="accounts.invite")

    deliver(message.pk)
    deliver(message.pk)

    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["baru@contoh.id"], "Ada yang menunggu Anda")
    link = f"https://kasus.invalid{link_of(row)}"
    assert sent.body.startswith(
        "Buka tautan ini untuk memasang kata sandi: https://kasus.invalid/akun/"
    )
    assert invitation_of(sent.body.rstrip("/").rpartition("/")[2], at=AT) == row
    assert len(sent.body) < len(link) + 60
    for word in ("Baru Sekali", "Bawaslu", "Jawa Tengah", "Petugas", "Agus"):
        assert word not in sent.body


def test_without_mail_nothing_is_sent_and_nothing_parked(settings):
    settings.EMAIL_HOST = ""
    invited()
    for message in OutboxMessage.objects.filter(topic="accounts.invite"):
        deliver(message.pk)
    assert mail.outbox == []
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"DONE"}


def test_the_page_sets_the_password_and_the_person_signs_in(settings):
    row = invited(at=timezone.now())
    page = link_of(row)
    visitor = Client()

    assert "Baru Sekali" in visitor.get(page).content.decode()
    differs = visitor.post(page, {"password": PASSWORD, "again": PASSWORD + "x"})
    assert "Kedua kata sandi tidak sama" in differs.content.decode()
    short = visitor.post(page, {"password": "pendek", "again": "pendek"})
    assert short.status_code == 200
    done = visitor.post(page, {"password": PASSWORD, "again": PASSWORD})

    assert (done.status_code, done["Location"]) == (302, "/masuk/")
    assert visitor.get(page).status_code == 404
    settings.MFA_REQUIRED = True
    visitor.post("/masuk/", {"login": "baru@contoh.id", "password": PASSWORD})
    assert visitor.get(reverse("desk:queue"))["Location"] == reverse("mfa_index")
    settings.MFA_REQUIRED = False
    assert visitor.get(reverse("desk:queue")).status_code == 403  # no role yet


def test_an_old_link_is_not_found():
    row = invited(at=timezone.now() - HOLDS_FOR - timedelta(minutes=1))
    assert Client().get(link_of(row)).status_code == 404
