"""Routes of the referral pages at the desk."""

from django.urls import path

from referrals.web import (
    case_exports,
    closing,
    desk,
    destinations,
    dispatches,
    packet,
    proposal,
    subject_requests,
)

app_name = "referrals"
urlpatterns = [
    path("", desk.referral_list, name="list"),
    path("perkara/<uuid:public_id>/", proposal.case_recommendation, name="case"),
    path(
        "perkara/<uuid:public_id>/data/<uuid:allegation_id>/",
        desk.complete_details,
        name="complete",
    ),
    path("perkara/<uuid:public_id>/tutup/", closing.close, name="close"),
    path("perkara/<uuid:public_id>/berkas/", case_exports.export_new, name="export_new"),
    path(
        "perkara/<uuid:public_id>/berkas/<uuid:export_id>/",
        case_exports.export_page,
        name="export",
    ),
    path("permintaan-data/", subject_requests.subject_requests, name="subjects"),
    path("permintaan-data/<uuid:request_id>/", subject_requests.subject_request, name="subject"),
    path(
        "permintaan-data/<uuid:request_id>/langkah/<slug:step>/",
        subject_requests.subject_step,
        name="subject_step",
    ),
    path(
        "permintaan-data/<uuid:request_id>/jawaban/",
        subject_requests.subject_answer,
        name="subject_answer",
    ),
    path("pengiriman/", dispatches.dispatches, name="dispatches"),
    path("pengiriman/<uuid:public_id>/serah-terima/", dispatches.hand_over, name="hand_over"),
    path("pengiriman/<uuid:public_id>/kirim-ulang/", dispatches.again, name="send_again"),
    path("tujuan/", destinations.destination_list, name="destinations"),
    path("tujuan/baru/<slug:channel>/", destinations.destination_new, name="destination_new"),
    path("tujuan/<uuid:public_id>/", destinations.destination, name="destination"),
    path("<uuid:public_id>/", desk.referral_detail, name="detail"),
    path("<uuid:public_id>/lampiran/", packet.attachments, name="attachments"),
    path("<uuid:public_id>/surat/<int:version>/", desk.letter, name="letter"),
]
