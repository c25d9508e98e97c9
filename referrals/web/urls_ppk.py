"""Routes of the PPK office."""

from django.urls import URLPattern

app_name = "ppk"
urlpatterns: list[URLPattern] = []
