"""Routes of the follow-up pages."""

from django.urls import URLPattern

app_name = "followup"
urlpatterns: list[URLPattern] = []
