"""Routes of the public pages."""

from django.urls import path

from complaints.web import developers, guide, public, try_out

app_name = "public"
urlpatterns = [
    path("", public.landing, name="landing"),
    path("perlindungan", public.protection, name="protection"),
    path("jejak", public.traces, name="traces"),
    path("bantuan", public.help_page, name="help"),
    path("privasi", public.privacy, name="privacy"),
    path("aksesibilitas", public.accessibility, name="accessibility"),
    path("bolehkah/", guide.index, name="guide"),
    path("bolehkah/cek/", guide.check, name="guide_check"),
    path("bolehkah/poster/", guide.poster, name="guide_poster"),
    path("bolehkah/<slug:slug>/", guide.answer, name="guide_answer"),
    path("pengembang/", developers.page, name="developers"),
    path("pengembang/coba/", try_out.index, name="try_out_index"),
    path("pengembang/coba/<slug:slug>/", try_out.operation, name="try_out"),
    path("keluar", public.quick_exit, name="quick_exit"),
]
