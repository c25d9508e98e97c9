"""Route of the one-time link."""

from django.urls import path

from referrals.web import fetch

app_name = "fetch"
urlpatterns = [path("<uuid:public_id>/<str:token>/", fetch.page, name="page")]
