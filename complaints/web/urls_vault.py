"""Routes of the vault: a path of its own for verifiers and custodians."""

from django.urls import path

from complaints.web import originals, verification, verification_pages

app_name = "vault"
urlpatterns = [
    path("", verification_pages.home, name="home"),
    path("laporan/<uuid:public_id>/", verification_pages.report, name="report"),
    path("laporan/<uuid:public_id>/ringkasan/", verification_pages.summary, name="summary"),
    path("laporan/<uuid:public_id>/bagian/", verification.part, name="part"),
    path("laporan/<uuid:public_id>/uraian/", verification.words, name="words"),
    path(
        "laporan/<uuid:public_id>/permintaan/", verification.request_create, name="request_create"
    ),
    path("permintaan/<uuid:request_id>/", verification_pages.unseal_page, name="request"),
    path("permintaan/<uuid:request_id>/berkas/", verification.request_file, name="request_file"),
    path("permintaan/<uuid:request_id>/rilis/", verification.release, name="release"),
    path("permintaan/<uuid:request_id>/tolak/", verification_pages.deny, name="deny"),
    path("permintaan/<uuid:request_id>/batal/", verification_pages.withdraw, name="withdraw"),
    path("permintaan/<uuid:request_id>/kartu/", verification.card, name="card"),
    path("permintaan/<uuid:request_id>/buka/", verification.open_identity, name="open"),
    path("permintaan/<uuid:request_id>/pernyataan/", verification.attest, name="attest"),
    path("permintaan/<uuid:request_id>/penyerahan/", verification.hand_over, name="hand_over"),
    path("berkas/", originals.originals, name="originals"),
    path("berkas/<uuid:evidence_id>/", originals.original, name="original"),
    path("berkas/<uuid:evidence_id>/kunci/", originals.original_key, name="original_key"),
    path("berkas/<uuid:evidence_id>/isi/", originals.original_object, name="original_object"),
    path("kunci/", verification.keys, name="keys"),
    path("kunci/bundle/", verification.bundle, name="bundle"),
]
