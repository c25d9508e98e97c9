"""Links, captures and minutes end with the evidence of their record."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.errors import ConflictError
from complaints.models import CaptureMinutes, Complaint, EvidenceLink, LinkCapture, MatchKey
from complaints.rules.retention import ErasureReason
from complaints.services import link_retention
from complaints.services.evidence_retention import erase_evidence, erase_past_terms
from complaints.services.evidence_sweep import sweep_evidence
from complaints.services.link_retention import erase_link
from complaints.services.links import expand_link
from complaints.states import ComplaintStatus
from tests.complaints.web.walk import text
from tests.factories import AT, person, tip
from tests.support.links import POST_URL, capture_with_minutes

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])


@pytest.fixture
def capture(vault_keys):
    """Return a capture with its minutes at the only link of a tip."""
    return capture_with_minutes(tip(), person("sari"), at=AT)


def keys_of(complaint):
    return set(MatchKey.objects.filter(complaint=complaint).values_list("key", flat=True))


def end(complaint):
    Complaint.objects.filter(pk=complaint.pk).update(status=ComplaintStatus.ARCHIVED, status_at=AT)


def test_link_capture_and_minutes_go_with_the_term_of_the_record(
    capture, settings, django_capture_on_commit_callbacks
):
    settings.EVIDENCE_KEPT_DAYS = ["archived:30"]
    complaint, name = capture.link.complaint, CaptureMinutes.objects.get().storage_name
    bare = keys_of(tip())
    assert keys_of(complaint) > bare  # the post and the picture
    end(complaint)

    with django_capture_on_commit_callbacks(execute=True):
        assert erase_past_terms(at=AT + timedelta(days=30, seconds=-1)) == 0
    assert default_storage.exists(name)
    assert sweep_evidence(at=AT + timedelta(days=30), dry_run=True).erased == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_past_terms(at=AT + timedelta(days=30)) == 2
        assert erase_past_terms(at=AT + timedelta(days=30)) == 0

    link, capture = EvidenceLink.objects.get(), LinkCapture.objects.get()
    assert (link.key, link.clean_url, link.platform) == ("", "", "instagram")
    assert link.erased_on == (AT + timedelta(days=30)).date()
    assert (capture.account, capture.posted_on, capture.act) == ("", None, "like")
    assert capture.evidence.status == "erased"
    assert CaptureMinutes.objects.get().storage_name == ""
    assert not default_storage.exists(name)
    assert keys_of(complaint) == bare
    entry = AuditEvent.objects.get(action="link.erase")
    assert entry.subject == f"complaint:{complaint.public_id.hex}"
    assert "AaBbCcDdEe1" not in entry.detail


def test_without_a_term_links_are_kept(capture):
    end(capture.link.complaint)
    assert erase_past_terms(at=AT + timedelta(days=40_000)) == 0
    assert EvidenceLink.objects.get().clean_url == POST_URL


def test_minutes_go_with_the_file_they_show(capture, django_capture_on_commit_callbacks):
    name = CaptureMinutes.objects.get().storage_name
    with django_capture_on_commit_callbacks(execute=True):
        erase_evidence(evidence=capture.evidence, why=ErasureReason.ORDER, at=AT)

    assert not default_storage.exists(name)
    assert EvidenceLink.objects.get().clean_url == POST_URL
    sari = Client()
    sari.force_login(person("sari"))
    link = capture.link
    address = f"/kerja/laporan/{link.complaint.public_id}/tautan/{link.public_id}/"
    assert sari.get(f"{address}{capture.public_id}/").status_code == 404


def test_an_erased_link_is_said_and_takes_no_new_address(capture):
    link = capture.link
    erase_link(link=link, why=ErasureReason.ORDER, at=AT)
    with pytest.raises(ConflictError):
        erase_link(link=link, why=ErasureReason.ORDER, at=AT)
    with pytest.raises(ConflictError):
        expand_link(link=link, url=POST_URL, officer=person("sari"), at=AT)

    sari = Client()
    sari.force_login(person("sari"))
    address = f"/kerja/laporan/{link.complaint.public_id}/tautan/"
    assert "Sudah dihapus" in text(sari.get(address))
    page = text(sari.get(f"{address}{link.public_id}/"))
    assert "dihapus 7 Okt 2024 menurut jadwal penyimpanan" in page
    assert "@camat.contoh" not in page


def test_nothing_is_erased_that_the_log_cannot_tell(capture, monkeypatch):
    def down(**_words):
        raise AuditUnavailableError

    monkeypatch.setattr(link_retention, "record", down)
    with pytest.raises(AuditUnavailableError):
        erase_link(link=capture.link, why=ErasureReason.ORDER, at=AT)

    assert EvidenceLink.objects.get().clean_url == POST_URL
    assert LinkCapture.objects.get().account == "@camat.contoh"
    assert CaptureMinutes.objects.get().storage_name
