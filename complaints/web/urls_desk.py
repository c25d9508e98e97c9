"""Routes of the officer's desk."""

from django.urls import path

from complaints.web import (
    alarms,
    cases,
    copy_orders,
    desk,
    evidence,
    findings,
    letters,
    likeness,
    links,
    plenary,
    system,
    trail,
)

app_name = "desk"
urlpatterns = [
    path("", desk.today, name="today"),
    path("antrean/", desk.queue, name="queue"),
    path("laporan/<uuid:public_id>/", desk.record, name="record"),
    path("laporan/<uuid:public_id>/syarat/", desk.tick, name="tick"),
    path("laporan/<uuid:public_id>/tindakan/<slug:action>/", desk.act, name="act"),
    path("laporan/<uuid:public_id>/lengkapi/", letters.repair, name="repair"),
    path("laporan/<uuid:public_id>/surat/", letters.letters, name="letters"),
    path("laporan/<uuid:public_id>/surat/<uuid:message_id>/", letters.parcel, name="parcel"),
    path("laporan/<uuid:public_id>/mirip/<uuid:other_id>/", likeness.likeness, name="likeness"),
    path("laporan/<uuid:public_id>/bukti/", evidence.evidence, name="evidence"),
    path("laporan/<uuid:public_id>/bukti/<int:number>/", evidence.evidence, name="evidence_item"),
    path("laporan/<uuid:public_id>/bukti/<int:number>/tutup/", evidence.redact, name="redact"),
    path("laporan/<uuid:public_id>/bukti/<int:number>/peringatan/", alarms.settle, name="settle"),
    path(
        "laporan/<uuid:public_id>/salinan/<uuid:copy_id>/",
        evidence.evidence_copy,
        name="evidence_copy",
    ),
    path(
        "laporan/<uuid:public_id>/salinan/<uuid:copy_id>/unduh/",
        copy_orders.evidence_download,
        name="evidence_download",
    ),
    path(
        "laporan/<uuid:public_id>/pesanan/<uuid:order_id>/",
        copy_orders.copy_order,
        name="copy_order",
    ),
    path("laporan/<uuid:public_id>/tautan/", links.links, name="links"),
    path("laporan/<uuid:public_id>/tautan/<uuid:link_id>/", links.link, name="link"),
    path(
        "laporan/<uuid:public_id>/tautan/<uuid:link_id>/<uuid:capture_id>/",
        links.minutes,
        name="capture_minutes",
    ),
    path("laporan/<uuid:public_id>/temuan/", findings.confirm, name="confirm"),
    path("temuan/baru/", findings.finding_new, name="finding_new"),
    path("pleno/", plenary.plenary, name="plenary"),
    path("pleno/laporan/<uuid:public_id>/", plenary.decide_complaint, name="decide_complaint"),
    path(
        "pleno/laporan/<uuid:public_id>/<slug:action>/",
        plenary.decide_complaint,
        name="decide_complaint",
    ),
    path("pleno/perkara/<uuid:public_id>/", plenary.decide_case, name="decide_case"),
    path("perkara/", cases.cases, name="cases"),
    path("perkara/<uuid:public_id>/", cases.case, name="case"),
    path("perkara/<uuid:public_id>/kajian/", cases.assess, name="assess"),
    path("perkara/<uuid:public_id>/orang/<uuid:official_id>/", cases.official, name="official"),
    path("perkara/<uuid:public_id>/dugaan/baru/", cases.allegation_new, name="allegation_new"),
    path(
        "perkara/<uuid:public_id>/dugaan/<uuid:allegation_id>/",
        cases.allegation,
        name="allegation",
    ),
    path("jejak/", trail.trail, name="trail"),
    path("sistem/", system.parked, name="parked"),
    path("sistem/<int:message_id>/ulang/", system.retry, name="retry"),
]
