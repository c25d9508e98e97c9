"""Routes of the public figures."""

from django.urls import path

from referrals.web import figures

app_name = "figures"
urlpatterns = [
    path("data", figures.data, name="data"),
    path("data.csv", figures.data_csv, name="csv"),
    path("data.json", figures.data_json, name="json"),
    path("data/umpan.atom", figures.feed, name="feed"),
    path("data/riwayat", figures.past, name="past"),
    path("data/kamus", figures.dictionary, name="dictionary"),
    path("data/<slug:slug>", figures.place, name="place"),
]
