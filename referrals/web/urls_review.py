"""Routes of the recipient body."""

from django.urls import path

from referrals.web import review, review_evidence, review_report

app_name = "review"
urlpatterns = [
    path("", review.inbox, name="inbox"),
    path("laporan-berkala/", review_report.report, name="report"),
    path("laporan-berkala/csv/", review_report.report_csv, name="report_csv"),
    path("<uuid:public_id>/", review.detail, name="detail"),
    path("<uuid:public_id>/surat/<int:version>/", review.letter, name="letter"),
    path("<uuid:public_id>/bukti/<int:number>/", review_evidence.evidence, name="evidence"),
    path(
        "<uuid:public_id>/bukti/<int:number>/berkas/",
        review_evidence.evidence_file,
        name="evidence_file",
    ),
    path(
        "<uuid:public_id>/bukti/<int:number>/unduh/",
        review_evidence.evidence_download,
        name="evidence_download",
    ),
]
