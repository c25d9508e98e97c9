"""Routes of the PPK office."""

from django.urls import path

from referrals.web import ppk

app_name = "ppk"
urlpatterns = [
    path("", ppk.inbox, name="inbox"),
    path("<uuid:public_id>/", ppk.detail, name="detail"),
]
