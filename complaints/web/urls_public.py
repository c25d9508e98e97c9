"""Routes of the public pages."""

from django.urls import path

from complaints.web import public

app_name = "public"
urlpatterns = [
    path("", public.landing, name="landing"),
    path("perlindungan", public.protection, name="protection"),
    path("jejak", public.traces, name="traces"),
    path("bantuan", public.help_page, name="help"),
    path("privasi", public.privacy, name="privacy"),
    path("aksesibilitas", public.accessibility, name="accessibility"),
    path("keluar", public.quick_exit, name="quick_exit"),
]
