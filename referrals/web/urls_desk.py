"""Routes of the referral pages at the desk."""

from django.urls import path

from referrals.web import desk, packet

app_name = "referrals"
urlpatterns = [
    path("", desk.referral_list, name="list"),
    path("perkara/<uuid:public_id>/", desk.case_recommendation, name="case"),
    path(
        "perkara/<uuid:public_id>/data/<uuid:allegation_id>/",
        desk.complete_details,
        name="complete",
    ),
    path("<uuid:public_id>/", desk.referral_detail, name="detail"),
    path("<uuid:public_id>/lampiran/", packet.attachments, name="attachments"),
    path("<uuid:public_id>/surat/<int:version>/", desk.letter, name="letter"),
]
