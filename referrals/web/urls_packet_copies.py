"""Routes of packets' files at the address that only copies of evidence have (settings.EVIDENCE_ORIGIN)."""

from django.urls import path

from referrals.web import review_evidence

app_name = "packet_copies"
urlpatterns = [
    path("<str:token>", review_evidence.file_at_its_own_address, name="file"),
]
