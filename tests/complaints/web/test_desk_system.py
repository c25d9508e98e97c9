"""The administrator's page of parked work."""

import pytest

from bawaslu_cases.shared.models import OutboxMessage
from tests.factories import person


def parked_message() -> OutboxMessage:
    from bawaslu_cases.shared.outbox.topics import _TOPICS

    return OutboxMessage.objects.create(
        topic=next(iter(_TOPICS)),
        subject_id="1",
        status=OutboxMessage.Status.PARKED,
        attempts=8,
        last_error_code="TimeoutError",
    )


@pytest.mark.django_db
def test_parked_work_is_shown_with_its_cause(client):
    message = parked_message()
    client.force_login(person("agus"))

    response = client.get("/kerja/sistem/")

    assert list(response.context["parked"]) == [message]
    assert response.context["backlog"].parked == 1
    assert "TimeoutError" in response.content.decode()


@pytest.mark.django_db
def test_retry_gives_the_attempts_again_and_keeps_who_asked(client):
    message = parked_message()
    admin = person("agus")
    client.force_login(admin)

    first = client.post(f"/kerja/sistem/{message.pk}/ulang/", follow=True)
    second = client.post(f"/kerja/sistem/{message.pk}/ulang/", follow=True)

    message.refresh_from_db()
    assert (message.status, message.attempts, message.retried_by) == ("PENDING", 0, admin.pk)
    assert f"Pesan {message.pk} dicoba lagi." in first.content.decode()
    assert "Pesan ini tidak lagi ditahan." in second.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["sari", "dewi", "anwar", "tono"])
def test_page_is_for_the_administrator(client, who):
    message = parked_message()
    client.force_login(person(who))

    assert client.get("/kerja/sistem/").status_code == 403
    assert client.post(f"/kerja/sistem/{message.pk}/ulang/").status_code == 403
    message.refresh_from_db()
    assert message.status == OutboxMessage.Status.PARKED
