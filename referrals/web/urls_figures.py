"""Routes of the public figures."""

from django.urls import path

from referrals.web import figures

app_name = "figures"
urlpatterns = [
    path("", figures.data, name="data"),
    path(".csv", figures.data_csv, name="csv"),
    path(".json", figures.data_json, name="json"),
]
