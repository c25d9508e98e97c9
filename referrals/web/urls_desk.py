"""Routes of the referral pages at the desk."""

from django.urls import URLPattern

app_name = "referrals"
urlpatterns: list[URLPattern] = []
