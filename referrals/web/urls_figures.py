"""Routes of the public figures."""

from django.urls import path
from django.views.generic import RedirectView

from referrals.web import figures

app_name = "figures"
urlpatterns = [
    path("data", figures.data, name="data"),
    # Typed from a newspaper, the address ends in a slash as often as not.
    path(
        "data/",
        RedirectView.as_view(
            pattern_name="figures:data", permanent=True, http_method_names=["get", "head"]
        ),
        name="slash",
    ),
    path("data.csv", figures.data_csv, name="csv"),
    path("data.json", figures.data_json, name="json"),
    path("data/umpan.atom", figures.feed, name="feed"),
    path("data/riwayat", figures.past, name="past"),
    path("data/kamus", figures.dictionary, name="dictionary"),
    path("data/<slug:slug>", figures.place, name="place"),
]
