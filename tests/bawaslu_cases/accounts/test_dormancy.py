"""Accounts that nobody uses: told a week ahead, shut at night, never the last two administrators."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from bawaslu_cases.accounts.models import DormancyNotice, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import find_staff
from bawaslu_cases.accounts.services import enrol_staff, reactivate
from bawaslu_cases.accounts.services.dormancy import suspend_dormant
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from tests.factories import person

pytestmark = pytest.mark.django_db

NIGHT = datetime(2025, 3, 3, 19, 30, tzinfo=UTC)
"""02.30 WIB on 4 March 2025."""
DAY = timedelta(days=1)


def seen(user: User, before: timedelta) -> User:
    User.objects.filter(pk=user.pk).update(last_login=NIGHT - before, date_joined=NIGHT - 400 * DAY)
    return user


def is_open(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


def test_told_at_83_days_shut_at_90_and_used_in_between_not_at_all():
    sari, dewi = seen(person("sari"), 83 * DAY + timedelta(hours=1)), seen(person("dewi"), 82 * DAY)
    assert suspend_dormant(at=NIGHT) == (1, 0)
    assert suspend_dormant(at=NIGHT) == (0, 0)
    assert DormancyNotice.objects.get().user == sari
    assert suspend_dormant(at=NIGHT + 6 * DAY) == (1, 0)  # now Dewi is told

    assert suspend_dormant(at=NIGHT + 7 * DAY) == (0, 1)

    assert not is_open(sari)
    entry = AuditEvent.objects.get(action="staff.suspend")
    assert (entry.actor, entry.subject) == ("system:dormancy", f"person:{sari.public_id}")
    User.objects.filter(pk=dewi.pk).update(last_login=NIGHT + 7 * DAY)
    assert suspend_dormant(at=NIGHT + 20 * DAY) == (0, 0)
    assert is_open(dewi)


def test_nobody_is_shut_untold_nor_by_day():
    sari = seen(person("sari"), 300 * DAY)
    assert suspend_dormant(at=NIGHT + timedelta(hours=6)) == (0, 0)  # 08.30 WIB
    assert suspend_dormant(at=NIGHT) == (1, 0)
    assert suspend_dormant(at=NIGHT + 6 * DAY) == (0, 0)
    assert is_open(sari)
    assert suspend_dormant(at=NIGHT + 7 * DAY) == (0, 1)


def test_whoever_is_let_in_again_has_the_whole_term():
    sari = seen(person("sari"), 300 * DAY)
    suspend_dormant(at=NIGHT)
    suspend_dormant(at=NIGHT + 7 * DAY)
    reactivate(person=sari, administrator=person("agus"), at=NIGHT + 8 * DAY)

    assert suspend_dormant(at=NIGHT + 9 * DAY) == (0, 0)
    assert find_staff(words="sari", dormant=True, at=NIGHT + 97 * DAY) == []
    assert find_staff(words="sari", dormant=True, at=NIGHT + 99 * DAY) == [sari]


def test_two_administrators_stay():
    people = [
        enrol_staff(
            email=f"a{n}@contoh.id", name=f"A{n}", password=None, roles=[Role.ADMINISTRATOR]
        )
        for n in range(3)
    ]
    for number, user in enumerate(people):
        seen(user, (100 + number) * DAY)
    suspend_dormant(at=NIGHT)

    assert suspend_dormant(at=NIGHT + 7 * DAY) == (0, 1)

    assert [is_open(user) for user in people] == [True, True, False]


def test_the_term_is_a_setting_and_the_notice_has_no_content(settings):
    settings.STAFF_DORMANT_DAYS, settings.EMAIL_HOST = 30, "mail.invalid"
    seen(person("sari"), 24 * DAY)
    assert suspend_dormant(at=NIGHT) == (1, 0)
    deliver(OutboxMessage.objects.get(topic="accounts.dormant").pk)

    (sent,) = mail.outbox
    assert sent.to == ["sari@contoh.id"]
    assert sent.body == "Masuk sekali dalam tujuh hari, agar akun tidak dibekukan."
    for word in ("Sari", "Bawaslu", "http"):
        assert word not in sent.body + sent.subject
