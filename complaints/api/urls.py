"""Routes of the API: records, cases, deadlines, and what offices send on."""

from django.urls import path

from complaints.api import batch, proposals, reads, uploads, views, writes

app_name = "api_complaints"
urlpatterns = [
    path("complaints", views.ComplaintsView.as_view(), name="complaints"),
    path("complaints/batch", batch.BatchView.as_view(), name="batch"),
    path("complaints/<uuid:public_id>", reads.ComplaintRead.as_view(), name="complaint"),
    path(
        "complaints/<uuid:public_id>/uploads",
        uploads.RecordUploadsView.as_view(),
        name="record_uploads",
    ),
    path(
        "complaints/<uuid:public_id>/proposals",
        proposals.ProposalsView.as_view(),
        name="proposals",
    ),
    path("proposals/<uuid:proposal_id>", proposals.ProposalView.as_view(), name="proposal"),
    path("uploads", uploads.RelayedUploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>", uploads.UploadView.as_view(), name="upload"),
    path("findings", writes.FindingsView.as_view(), name="findings"),
    path("vault/keys", writes.VaultKeysView.as_view(), name="vault_keys"),
    path("cases", reads.CasesView.as_view(), name="cases"),
    path("cases/<uuid:public_id>", reads.CaseView.as_view(), name="case"),
    path("deadlines", reads.DeadlinesView.as_view(), name="deadlines"),
]
