"""Routes of the address that only copies of evidence have (settings.EVIDENCE_ORIGIN)."""

from django.urls import path

from complaints.web import evidence

app_name = "copies"
urlpatterns = [
    path("<str:token>", evidence.copy_at_its_own_address, name="copy"),
]
