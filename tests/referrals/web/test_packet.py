"""What leaves the house, as its second person sees it: findings, acknowledgement, copies."""

import re
from typing import Any

import pytest
from django.urls import reverse

from complaints.models import Derivative, Evidence
from referrals.models import PacketApproval, Referral, ReferralAttachment
from tests.factories import AT, person
from tests.referrals import stages
from tests.support.evidence import evidence_of, let_through

pytestmark = pytest.mark.django_db
NIK = "3308114505820003"


def _as(client, key):
    client.force_login(person(key))
    return client


def _proposed(summary=""):
    referral = stages.proposed()
    if summary:
        Referral.objects.filter(pk=referral.pk).update(summary=summary)
    return stages.fresh(referral), reverse("referrals:detail", args=[referral.public_id])


def _hidden(page, name):
    return re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)


def test_a_finding_is_shown_where_it_stands_and_nothing_can_be_approved(client):
    referral, address = _proposed(f"Camat dan pemilik nomor {NIK} hadir.")

    page = " ".join(_as(client, "dewi").get(address).content.decode().split())
    seen = _hidden(page, "approve-seen")
    response = client.post(address, {"action": "approve", "approve-seen": seen})

    assert f"Camat dan pemilik nomor <mark>{NIK}</mark> hadir." in page
    assert "belum boleh keluar" in page
    assert "angka 16 atau 18 digit yang bukan NIP terlapor" in page
    assert "Belum boleh keluar: angka 16 atau 18 digit" in response.content.decode()
    assert stages.fresh(referral).status == "proposed"


def test_the_text_stays_when_a_new_version_leaks_too(client):
    referral, address = _proposed()

    response = _as(client, "sari").post(
        address,
        {
            "action": "resubmit",
            "resubmit-reason": "Diperbaiki.",
            "resubmit-summary": "Hubungi 0812-3456-7890 untuk foto.",
        },
    )

    page = response.content.decode()
    assert "Hubungi 0812-3456-7890 untuk foto." in page
    assert "Belum boleh keluar: nomor telepon" in page
    assert stages.fresh(referral).version == 1


def test_warnings_are_ticked_one_by_one(client):
    _referral, address = _proposed("Pelapor melihat camat. Menurut staf di kantor itu benar.")

    page = _as(client, "dewi").get(address).content.decode()
    seen, keys = _hidden(page, "approve-seen")[0], _hidden(page, "approve-acknowledged")
    one = {"action": "approve", "approve-seen": seen, "approve-acknowledged": keys[:1]}
    refused = client.post(address, one).content.decode()
    done = client.post(address, one | {"approve-acknowledged": keys})

    assert len(keys) == 2
    assert "Baca dan centang 1 peringatan yang tersisa." in refused
    assert done.status_code == 302
    assert PacketApproval.objects.get().acknowledged == sorted(keys)


def test_k07_what_changed_since_the_page_was_read_is_not_approved(client):
    referral, address = _proposed()
    seen = _hidden(_as(client, "dewi").get(address).content.decode(), "approve-seen")[0]
    Referral.objects.filter(pk=referral.pk).update(summary="Ringkasan lain.")

    changed = client.post(address, {"action": "approve", "approve-seen": seen})
    blind = client.post(address, {"action": "approve"})

    assert "Isi paket berubah sejak Anda melihatnya" in changed.content.decode()
    assert blind.status_code == 200
    assert not PacketApproval.objects.exists()


def test_issued_packets_are_named_by_their_digest(client):
    referral = stages.delivered()

    page = _as(client, "sari").get(reverse("referrals:detail", args=[referral.public_id]))

    assert referral.packets.get().sha256 in page.content.decode()


def _copy(referral, *, officer):
    more: dict[str, Any] = {"added_by": person("sari")} if officer else {}
    evidence = evidence_of(referral.case.complaints.get(), b"asli", at=AT, **more)
    let_through(evidence, "salinan")
    Evidence.objects.filter(pk=evidence.pk).update(kind="pdf" if officer else "image")
    return Derivative.objects.get(evidence=evidence)


def test_copies_are_chosen_and_left_out_again(client):
    referral, _address = _proposed()
    own, told = _copy(referral, officer=True), _copy(referral, officer=False)
    address = reverse("referrals:attachments", args=[referral.public_id])

    page = _as(client, "sari").get(address).content.decode()
    chosen = client.post(address, {"copy": own.public_id, "action": "attach"})
    refused = client.post(address, {"copy": told.public_id, "action": "attach", "is_checked": "on"})

    assert page.count("Rekam ulang unggahannya sendiri") == 1
    assert chosen.status_code == 302
    assert "Gambar dan teks dari pelapor tidak dilampirkan" in refused.content.decode()
    assert list(ReferralAttachment.objects.values_list("copy_id", flat=True)) == [own.pk]
    client.post(address, {"copy": own.public_id, "action": "detach"})
    assert not ReferralAttachment.objects.exists()


def test_a_copy_of_another_case_is_not_there(client):
    referral, _address = _proposed()
    stranger = _copy(stages.fresh(stages.proposed()), officer=True)
    address = reverse("referrals:attachments", args=[referral.public_id])

    response = _as(client, "sari").post(address, {"copy": stranger.public_id, "action": "attach"})

    assert response.status_code == 404


@pytest.mark.parametrize(("key", "status"), [("budi", 404), ("anwar", 403), ("dewi", 403)])
def test_others_do_not_choose(client, key, status):
    referral, _address = _proposed()
    address = reverse("referrals:attachments", args=[referral.public_id])

    assert _as(client, key).get(address).status_code == status
