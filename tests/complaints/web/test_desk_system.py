"""The administrator's page of parked work."""

from contextlib import suppress
from pathlib import Path

import pytest
from django.core.cache import cache

from bawaslu_cases.shared.models import OutboxMessage
from complaints.selectors.cleaner_state import CLEANER_STATE
from complaints.selectors.evidence_storage import LAST_SWEEP
from tests.factories import AT, person
from tests.support.disks import small_disk


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


DISK = "bawaslu_cases.shared.object_storage_disk.DiskStorage"


def storage_at(settings, folder):
    evidence = {"BACKEND": DISK, "OPTIONS": {"location": folder, "reserve_bytes": 0}}
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}


def system_page(client):
    client.force_login(person("agus"))
    return client.get("/kerja/sistem/").content.decode()


@pytest.mark.django_db
def test_a_storage_without_trouble_raises_no_alarm(client, settings, tmp_path):
    cache.clear()
    storage_at(settings, tmp_path)
    settings.EVIDENCE_RESERVE_BYTES = 1

    page = system_page(client)

    assert "Tempat tersisa untuk berkas" in page
    assert "belum diperiksa" in page
    assert "banner--" not in page


@pytest.mark.django_db
def test_a_storage_that_fills_up_is_told(client, settings, tmp_path):
    settings.EVIDENCE_RESERVE_BYTES = 2 * 1024 * 1024
    with small_disk(tmp_path / "small", size_bytes=3 * 1024 * 1024) as disk:
        storage_at(settings, disk)
        (disk / "filler").write_bytes(b"x" * (2 * 1024 * 1024))
        assert "Tempat hampir habis" in system_page(client)
        with suppress(OSError), (disk / "rest").open("wb", buffering=0) as rest:
            while True:
                rest.write(b"x" * 4096)
        assert "Penyimpanan penuh: berkas baru ditolak" in system_page(client)
    storage_at(settings, Path(__file__) / "evidence")
    assert "Penyimpanan tidak dapat dipakai" in system_page(client)


@pytest.mark.django_db
def test_missing_files_are_told(client, settings, tmp_path):
    storage_at(settings, tmp_path)
    cache.set(LAST_SWEEP, {"at": AT, "missing": 3}, 60)

    page = system_page(client)

    assert "Ada berkas bukti yang hilang" in page
    assert "7 Okt 10.00" in page


@pytest.mark.django_db
def test_readiness_tells_of_files_and_stays_ready(client, settings, tmp_path):
    storage_at(settings, tmp_path)
    assert client.get("/health/ready").json()["evidence"] == "ok"

    storage_at(settings, Path(__file__) / "evidence")
    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["evidence"] == "storage_unavailable"


def cleaner_told(client, settings, tmp_path, **state):
    storage_at(settings, tmp_path)
    cache.set(CLEANER_STATE, {"at": AT, **state}, 60)
    return system_page(client)


@pytest.mark.django_db
def test_e26_a_worker_without_a_sandbox_is_told(client, settings, tmp_path):
    page = cleaner_told(client, settings, tmp_path, sandbox="unavailable", scanner="none")

    assert "Salinan aman tidak dapat dibuat" in page
    assert "tidak dipasang: berkas tidak dipindai" in page
    assert "Pemindai virus tidak menjawab" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scanner", "title"),
    [("down", "Pemindai virus tidak menjawab"), ("stale", "Daftar virus usang")],
)
def test_e16_a_scanner_in_trouble_is_told(client, settings, tmp_path, scanner, title):
    page = cleaner_told(client, settings, tmp_path, sandbox="", scanner=scanner)

    assert title in page
    assert "Salinan aman tidak dapat dibuat" not in page


@pytest.mark.django_db
def test_a_worker_that_is_well_raises_no_alarm(client, settings, tmp_path):
    settings.EVIDENCE_RESERVE_BYTES = 1
    page = cleaner_told(client, settings, tmp_path, sandbox="", scanner="")

    assert page.count("siap") == 2
    assert "7 Okt 10.00" in page
