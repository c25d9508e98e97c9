"""Routes of the follow-up pages."""

from django.urls import path

from referrals.web import follow_up, follow_up_access

app_name = "followup"
urlpatterns = [
    path("", follow_up.board, name="list"),
    path("daftar.csv", follow_up.board_csv, name="csv"),
    path("<uuid:public_id>/", follow_up.detail, name="detail"),
    path("<uuid:public_id>/akses/", follow_up_access.ppk_access, name="access"),
    path("<uuid:public_id>/bukti/<int:number>/", follow_up.proof, name="proof"),
    path(
        "<uuid:public_id>/surat/<int:turn>/<int:rung>/",
        follow_up.escalation_letter,
        name="letter",
    ),
]
