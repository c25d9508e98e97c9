"""The auditor's pages: who saw and did what, by file and by person, and whether the chain is whole."""

import json
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.audit.chain import Entry
from bawaslu_cases.audit.checkpoints import is_late
from bawaslu_cases.audit.selectors import Filters, TrailPage, signed_until, trail_page
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from complaints.selectors.trail import (
    find_file,
    find_officers,
    is_public_id,
    officer_names,
    subject_names,
    subjects_of_file,
)
from complaints.states import UnsealPurpose

Text = str | Promise

KINDS: Final[dict[str, Text]] = {
    "": gettext_lazy("Semua"),
    "vault.": gettext_lazy("Brankas identitas"),
    "page.": gettext_lazy("Halaman"),
    "audit.": gettext_lazy("Jejak audit"),
}
"""Beginning of an action → the chip that shows only those."""

ACTIONS: Final[dict[str, Text]] = {
    "vault.request": gettext_lazy("Minta buka identitas"),
    "vault.release": gettext_lazy("Setujui pembukaan"),
    "vault.deny": gettext_lazy("Tolak pembukaan"),
    "vault.withdraw": gettext_lazy("Batalkan permintaan"),
    "vault.open": gettext_lazy("Buka identitas"),
    "vault.attest": gettext_lazy("Catat hasil verifikasi"),
    "vault.hand_over": gettext_lazy("Serahkan identitas"),
    "vault.summary": gettext_lazy("Tulis ringkasan"),
    "vault.keys": gettext_lazy("Kunci diperbarui"),
    "vault.turn": gettext_lazy("Laporan dibagikan kepada verifikator"),
    "vault.alarm": gettext_lazy("Peringatan pembukaan"),
    "broker.alarm": gettext_lazy("Peringatan pesan antrean tak dikenal"),
    "evidence.alarm": gettext_lazy("Peringatan penyimpanan bukti"),
    "keyring.alarm": gettext_lazy("Peringatan basis data kunci"),
    "keyring.orphan_removed": gettext_lazy("Hapus bungkus kunci tanpa laporan"),
    "signer.alarm": gettext_lazy("Peringatan penandatangan jejak audit"),
    "worker.alarm": gettext_lazy("Peringatan pekerja yang diam"),
    "evidence.virus": gettext_lazy("Berkas bukti terdeteksi berbahaya"),
    "evidence.damaged": gettext_lazy("Berkas bukti tidak utuh"),
    "evidence.missing": gettext_lazy("Berkas bukti hilang"),
    "evidence.alarm_seen": gettext_lazy("Peringatan berkas ditandai selesai"),
    "evidence.to_desk": gettext_lazy("Kunci berkas diserahkan ke meja verifikasi"),
    "evidence.erase": gettext_lazy("Hapus berkas bukti"),
    "audit.read": gettext_lazy("Baca jejak audit"),
    "audit.verified": gettext_lazy("Periksa jejak audit"),
    "intake.counted": gettext_lazy("Jumlah laporan sehari"),
    "page.desk:today": gettext_lazy("Lihat hari ini"),
    "page.desk:queue": gettext_lazy("Lihat antrean"),
    "page.desk:queue_filters": gettext_lazy("Saring antrean"),
    "page.desk:queue_export": gettext_lazy("Unduh antrean sebagai CSV"),
    "page.desk:views": gettext_lazy("Atur tampilan tersimpan"),
    "page.desk:view_change": gettext_lazy("Ubah tampilan tersimpan"),
    "page.desk:bulk": gettext_lazy("Tindakan atas banyak laporan"),
    "page.desk:record": gettext_lazy("Baca laporan"),
    "page.desk:tick": gettext_lazy("Centang syarat"),
    "page.desk:act": gettext_lazy("Tindakan atas laporan"),
    "page.desk:undo": gettext_lazy("Batalkan langkah terakhir"),
    "page.desk:presence": gettext_lazy("Masih membuka laporan"),
    "page.desk:assign": gettext_lazy("Tugaskan laporan"),
    "page.desk:api_clients": gettext_lazy("Lihat klien API"),
    "page.desk:api_client_new": gettext_lazy("Daftarkan klien API"),
    "page.desk:api_client": gettext_lazy("Lihat satu klien API"),
    "api.register": gettext_lazy("Daftarkan klien API"),
    "api.secret": gettext_lazy("Buat kata rahasia klien API"),
    "api.key": gettext_lazy("Daftarkan kunci klien API"),
    "api.end": gettext_lazy("Akhiri kata rahasia atau kunci klien API"),
    "api.scopes": gettext_lazy("Ubah cakupan klien API"),
    "api.suspend": gettext_lazy("Bekukan klien API"),
    "api.resume": gettext_lazy("Aktifkan klien API"),
    "api.token": gettext_lazy("Token diberikan kepada klien API"),
    "page.desk:staff": gettext_lazy("Lihat staf"),
    "page.desk:staff_suspend": gettext_lazy("Bekukan akun"),
    "page.desk:staff_reactivate": gettext_lazy("Aktifkan akun"),
    "page.desk:staff_new": gettext_lazy("Buat akun"),
    "page.desk:staff_person": gettext_lazy("Lihat akun"),
    "page.desk:staff_change": gettext_lazy("Lihat usulan perubahan akun"),
    "staff.invite": gettext_lazy("Undang staf"),
    "staff.propose": gettext_lazy("Usulkan perubahan akun"),
    "staff.approve": gettext_lazy("Setujui perubahan akun"),
    "staff.reject": gettext_lazy("Tolak perubahan akun"),
    "staff.withdraw": gettext_lazy("Tarik usulan perubahan akun"),
    "account.link": gettext_lazy("Tautkan akun ke SSO"),
    "account.unlink": gettext_lazy("Lepas tautan akun ke SSO"),
    "staff.suspend": gettext_lazy("Bekukan akun"),
    "staff.reactivate": gettext_lazy("Aktifkan akun"),
    "page.desk:recuse": gettext_lazy("Mundur dari laporan"),
    "page.desk:case_statement": gettext_lazy("Pernyataan sebelum membuka perkara"),
    "conflict.none": gettext_lazy("Menyatakan tanpa benturan kepentingan"),
    "page.desk:recuse_case": gettext_lazy("Mundur dari perkara"),
    "page.desk:conflicts": gettext_lazy("Nyatakan benturan kepentingan"),
    "page.desk:absences": gettext_lazy("Lihat ketidakhadiran"),
    "staff.absence": gettext_lazy("Catat ketidakhadiran"),
    "staff.absence_end": gettext_lazy("Akhiri ketidakhadiran"),
    "page.desk:workload": gettext_lazy("Lihat beban petugas"),
    "page.desk:snooze": gettext_lazy("Tunda laporan"),
    "page.desk:note": gettext_lazy("Tulis catatan internal"),
    "page.desk:proposal_dismiss": gettext_lazy("Jangan pakai usulan sistem"),
    "page.desk:alike": gettext_lazy("Cari laporan yang mirip"),
    "page.desk:counter": gettext_lazy("Layani loket KTP"),
    "identity.card": gettext_lazy("Terima KTP di loket"),
    "page.desk:wordings": gettext_lazy("Atur kalimat siap pakai"),
    "page.desk:wording_decide": gettext_lazy("Putuskan usulan kalimat siap pakai"),
    "page.desk:wording_end": gettext_lazy("Akhiri kalimat siap pakai"),
    "page.desk:repair": gettext_lazy("Minta kelengkapan"),
    "page.desk:letters": gettext_lazy("Baca surat pelapor"),
    "page.desk:likeness": gettext_lazy("Bandingkan dua laporan"),
    "page.desk:links": gettext_lazy("Lihat tautan"),
    "page.desk:link": gettext_lazy("Lihat tautan"),
    "page.desk:capture_minutes": gettext_lazy("Berita acara tangkapan"),
    "link.add": gettext_lazy("Tambah tautan"),
    "link.expand": gettext_lazy("Catat alamat panjang"),
    "link.erase": gettext_lazy("Hapus tautan"),
    "link.capture": gettext_lazy("Catat tangkapan"),
    "page.desk:confirm": gettext_lazy("Catat sebagai temuan"),
    "page.desk:finding_new": gettext_lazy("Tulis temuan baru"),
    "page.desk:imports": gettext_lazy("Impor register lama"),
    "page.desk:import": gettext_lazy("Lihat impor register lama"),
    "page.desk:import_start": gettext_lazy("Mulai impor"),
    "page.desk:import_drop": gettext_lazy("Buang berkas impor"),
    "page.desk:import_undo": gettext_lazy("Batalkan impor"),
    "page.desk:import_problems": gettext_lazy("Unduh perbaikan impor"),
    "legacy.import": gettext_lazy("Mulai impor"),
    "legacy.undo": gettext_lazy("Batalkan impor"),
    "page.desk:legacy_cases": gettext_lazy("Lihat perkara lama"),
    "page.desk:legacy_case": gettext_lazy("Baca perkara lama"),
    "page.desk:legacy_adopt": gettext_lazy("Catat temuan dari perkara lama"),
    "page.referrals:close": gettext_lazy("Tutup perkara"),
    "page.referrals:export_new": gettext_lazy("Minta berkas perkara"),
    "page.referrals:export": gettext_lazy("Ambil berkas perkara"),
    "case.export": gettext_lazy("Minta berkas perkara"),
    "page.referrals:subjects": gettext_lazy("Lihat permintaan data diri"),
    "page.referrals:subject": gettext_lazy("Baca permintaan data diri"),
    "page.referrals:subject_step": gettext_lazy("Langkah permintaan data diri"),
    "page.referrals:subject_answer": gettext_lazy("Unduh jawaban permintaan data diri"),
    "subject.approve": gettext_lazy("Setujui jawaban permintaan data diri"),
    "subject.refuse": gettext_lazy("Setujui penolakan permintaan data diri"),
    "page.desk:plenary": gettext_lazy("Lihat agenda pleno"),
    "page.desk:decide_complaint": gettext_lazy("Putusan pleno atas laporan"),
    "page.desk:decide_case": gettext_lazy("Putusan pleno atas perkara"),
    "page.desk:record_documents": gettext_lazy("Lihat dokumen"),
    "page.desk:case_documents": gettext_lazy("Lihat dokumen"),
    "page.desk:record_print": gettext_lazy("Cetak dokumen"),
    "page.desk:case_print": gettext_lazy("Cetak dokumen"),
    "page.desk:document": gettext_lazy("Lihat dokumen"),
    "page.desk:document_file": gettext_lazy("Unduh dokumen"),
    "page.desk:document_page": gettext_lazy("Lihat halaman dokumen"),
    "document.print": gettext_lazy("Cetak dokumen"),
    "page.desk:cases": gettext_lazy("Lihat daftar perkara"),
    "page.desk:case": gettext_lazy("Baca perkara"),
    "page.desk:assess": gettext_lazy("Tulis kajian"),
    "page.desk:extend": gettext_lazy("Perpanjang penanganan"),
    "page.desk:sent_on": gettext_lazy("Catat surat penerusan"),
    "page.desk:case_assign": gettext_lazy("Tugaskan perkara"),
    "page.desk:case_note": gettext_lazy("Tulis catatan perkara"),
    "page.desk:case_link": gettext_lazy("Kaitkan perkara"),
    "page.desk:case_unlink": gettext_lazy("Lepas kaitan perkara"),
    "page.desk:hearing_new": gettext_lazy("Undang klarifikasi"),
    "page.desk:hearing": gettext_lazy("Baca klarifikasi"),
    "page.desk:correction_new": gettext_lazy("Terima permintaan koreksi"),
    "page.desk:correction": gettext_lazy("Putusan pleno atas koreksi"),
    "page.desk:correction_withdraw": gettext_lazy("Catat koreksi dicabut"),
    "page.desk:identify": gettext_lazy("Kenali terlapor"),
    "page.desk:person": gettext_lazy("Baca daftar terlapor"),
    "page.desk:decide_takeover": gettext_lazy("Putusan pleno atas pengambilalihan"),
    "page.desk:take_over": gettext_lazy("Ambil alih laporan"),
    "page.desk:official": gettext_lazy("Lengkapi data terlapor"),
    "page.desk:allegation": gettext_lazy("Ubah dugaan"),
    "page.desk:allegation_new": gettext_lazy("Tambah dugaan"),
    "page.desk:oversight": gettext_lazy("Lihat pengawasan unit"),
    "page.desk:figures": gettext_lazy("Lihat angka unit"),
    "page.desk:figures_export": gettext_lazy("Unduh angka unit sebagai CSV"),
    "page.desk:parked": gettext_lazy("Lihat sistem"),
    "page.desk:registry": gettext_lazy("Lihat data acuan"),
    "page.desk:registry_propose": gettext_lazy("Usulkan perubahan data acuan"),
    "page.desk:registry_change": gettext_lazy("Lihat atau putuskan perubahan data acuan"),
    "page.desk:retry": gettext_lazy("Ulangi pekerjaan sistem"),
    "page.desk:trail": gettext_lazy("Cari di jejak audit"),
    "page.desk:evidence": gettext_lazy("Lihat bukti"),
    "page.desk:evidence_item": gettext_lazy("Lihat bukti"),
    "page.desk:evidence_copy": gettext_lazy("Lihat salinan bukti"),
    "page.desk:evidence_download": gettext_lazy("Unduh salinan bukti"),
    "page.desk:copy_order": gettext_lazy("Ambil salinan bukti yang diminta"),
    "page.desk:redact": gettext_lazy("Tutup bagian bukti"),
    "page.desk:settle": gettext_lazy("Peringatan berkas ditandai selesai"),
    "page.copies:copy": gettext_lazy("Lihat salinan bukti"),
    "evidence.original": gettext_lazy("Buka berkas asli"),
    "page.vault:originals": gettext_lazy("Lihat berkas yang perlu diperiksa"),
    "page.vault:original": gettext_lazy("Lihat jalan ke berkas asli"),
    "page.vault:original_key": gettext_lazy("Ambil kunci berkas tersegel"),
    "page.vault:original_object": gettext_lazy("Ambil berkas asli tersegel"),
    "evidence.manifest": gettext_lazy("Sidik manifes bukti"),
    "page.desk:parcel": gettext_lazy("Unduh permohonan ke LPSK"),
    "page.vault:home": gettext_lazy("Lihat brankas"),
    "page.vault:report": gettext_lazy("Lihat laporan di brankas"),
    "page.vault:summary": gettext_lazy("Tulis ringkasan"),
    "page.vault:part": gettext_lazy("Ambil bagian tersegel"),
    "page.vault:words": gettext_lazy("Ambil uraian tersegel"),
    "page.vault:request_create": gettext_lazy("Minta buka identitas"),
    "page.vault:request": gettext_lazy("Lihat permintaan"),
    "page.vault:request_file": gettext_lazy("Unduh berkas permintaan"),
    "page.vault:release": gettext_lazy("Setujui pembukaan"),
    "page.vault:deny": gettext_lazy("Tolak pembukaan"),
    "page.vault:withdraw": gettext_lazy("Batalkan permintaan"),
    "page.vault:card": gettext_lazy("Ambil KTP tersegel"),
    "page.vault:open": gettext_lazy("Buka identitas"),
    "page.vault:attest": gettext_lazy("Catat hasil verifikasi"),
    "page.vault:hand_over": gettext_lazy("Serahkan identitas"),
    "page.vault:keys": gettext_lazy("Ambil kunci umum"),
    "page.vault:bundle": gettext_lazy("Ambil berkas kunci sendiri"),
    "page.referrals:list": gettext_lazy("Lihat daftar rujukan"),
    "page.referrals:case": gettext_lazy("Susun rujukan"),
    "page.referrals:complete": gettext_lazy("Lengkapi data rujukan"),
    "page.referrals:detail": gettext_lazy("Baca rujukan"),
    "page.referrals:attachments": gettext_lazy("Pilih lampiran rujukan"),
    "referral.packet_made": gettext_lazy("Paket rujukan dibuat"),
    "page.referrals:letter": gettext_lazy("Unduh surat rujukan"),
    "page.followup:access": gettext_lazy("Beri akses kepada kantor PPK"),
    "page.referrals:dispatches": gettext_lazy("Lihat pengiriman rujukan"),
    "page.referrals:hand_over": gettext_lazy("Catat serah terima rujukan"),
    "page.referrals:send_again": gettext_lazy("Kirim ulang rujukan"),
    "page.referrals:destinations": gettext_lazy("Lihat tujuan rujukan"),
    "page.referrals:destination": gettext_lazy("Baca tujuan rujukan"),
    "page.referrals:destination_new": gettext_lazy("Usulkan tujuan rujukan"),
    "destination.propose": gettext_lazy("Usulkan tujuan rujukan"),
    "destination.confirm": gettext_lazy("Setujui tujuan rujukan"),
    "destination.end": gettext_lazy("Hentikan tujuan rujukan"),
    "page.followup:list": gettext_lazy("Lihat tindak lanjut"),
    "page.followup:detail": gettext_lazy("Baca tindak lanjut"),
    "page.followup:proof": gettext_lazy("Unduh bukti tindak lanjut"),
    "page.followup:letter": gettext_lazy("Unduh surat eskalasi"),
    "page.followup:csv": gettext_lazy("Unduh tabel tindak lanjut"),
    "page.review:inbox": gettext_lazy("Lihat rujukan masuk"),
    "page.review:detail": gettext_lazy("Telaah rujukan"),
    "page.review:letter": gettext_lazy("Unduh surat rujukan"),
    "page.review:evidence": gettext_lazy("Lihat bukti rujukan"),
    "page.review:evidence_file": gettext_lazy("Lihat salinan bukti rujukan"),
    "page.review:evidence_download": gettext_lazy("Unduh bukti rujukan"),
    "page.review:report": gettext_lazy("Lihat laporan berkala"),
    "page.review:report_csv": gettext_lazy("Unduh laporan berkala"),
    "page.ppk:inbox": gettext_lazy("Lihat rekomendasi masuk"),
    "page.ppk:detail": gettext_lazy("Baca rekomendasi"),
}
"""What stands in the log → what a person reads; an action without words is shown as its code."""

PURPOSES: Final[dict[str, Text]] = dict(UnsealPurpose.choices)

RESULTS: Final[dict[int, tuple[Text, str]]] = {
    200: ("", ""),
    302: ("", ""),
    303: ("", ""),
    403: (gettext_lazy("ditolak"), "red"),
    404: (gettext_lazy("tidak tampak baginya"), "red"),
    409: (gettext_lazy("bentrok"), "amber"),
}
"""Status of the answer → word and tone of its tag; what went as asked has none."""


class TrailForm(HouseForm):
    """What an auditor looks for. Posted, so that no name stands in an address."""

    file = forms.CharField(
        label=gettext_lazy("Nomor perkara atau laporan"), max_length=60, required=False
    )
    officer = forms.CharField(
        label=gettext_lazy("Nama atau surel petugas"), max_length=150, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.plain_label = True  # type: ignore[attr-defined]


@role_required(Role.AUDITOR)
@require_http_methods(["GET", "POST"])
def trail(request: OfficerRequest) -> HttpResponse:
    """Show the log, newest first; POST turns a number or a name into the address of its page."""
    form = TrailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _found(request, form)
    filters, chosen = _filters(request)
    page = trail_page(
        reader=request.user.public_id,
        filters=filters,
        before=_number(request.GET.get("before", "")),
    )
    return _render(request, form, page, chosen)


def _found(request: OfficerRequest, form: TrailForm) -> HttpResponse:
    number, name = form.cleaned_data["file"].strip(), form.cleaned_data["officer"].strip()
    chosen: dict[str, str] = {}
    if number:
        chosen["file"] = find_file(number)
        if not chosen["file"]:
            form.add_error("file", _("Tidak ada perkara atau laporan dengan nomor ini"))
    people = find_officers(name) if name else []
    if name and not people:
        form.add_error("officer", _("Tidak ada petugas dengan nama atau surel ini"))
    if len(people) == 1:
        chosen["officer"] = people[0].public_id.hex
    if form.is_valid() and len(people) <= 1:
        return redirect(_address(chosen))
    return _render(request, form, None, chosen, people=people)


def _render(
    request: OfficerRequest,
    form: TrailForm,
    page: TrailPage | None,
    chosen: dict[str, str],
    *,
    people: list[User] | None = None,
) -> HttpResponse:
    entries = page.entries if page else []
    people_of = officer_names([*(entry.actor for entry in entries), chosen.get("officer", "")])
    files = subject_names([*(entry.subject for entry in entries), chosen.get("file", "")])
    rows = [_row(entry, people_of, files, page.broken if page else []) for entry in entries]
    choices = [
        {
            "label": f"{person.name}, {person.office.name}" if person.office else person.name,
            "href": _address(chosen | {"officer": person.public_id.hex}),
        }
        for person in people or ()
    ]
    context = {
        "form": form,
        "choices": choices if len(choices) > 1 else [],
        "rows": rows,
        "shown": page is not None,
        "state": _chain_state(page, newest=not request.GET.get("before")) if page else None,
        "officer": ", ".join(filter(None, people_of.get(chosen.get("officer", ""), ()))),
        "file": files.get(chosen.get("file", ""), chosen.get("file", "")),
        "chips": [
            {
                "label": label,
                "href": _address(chosen | {"kind": kind}),
                "current": chosen.get("kind", "") == kind,
            }
            for kind, label in KINDS.items()
        ],
        "all_href": reverse("desk:trail"),
        "next_href": _address(chosen | {"before": str(page.following)})
        if page and page.following
        else "",
        "first_href": _address(chosen) if request.GET.get("before") else "",
        "rail": {"section": "trail"},
    }
    return render(request, "complaints/desk/trail.html", context)


def _row(
    entry: Entry, people: dict[str, tuple[str, str]], files: dict[str, str], broken: list[int]
) -> dict[str, Any]:
    detail = json.loads(entry.detail)
    status = detail.get("status")
    name, unit = people.get(entry.actor, (entry.actor, ""))
    result, tone = RESULTS.get(status, (str(status or ""), "amber" if status else ""))
    return {
        "number": entry.seq,
        "at": entry.at,
        "officer": name,
        "unit": unit,
        "officer_href": _address({"officer": entry.actor}) if is_public_id(entry.actor) else "",
        "action": ACTIONS.get(entry.action, entry.action),
        "file": files.get(entry.subject, ""),
        "file_href": _address({"file": entry.subject}) if entry.subject in files else "",
        "purpose": PURPOSES.get(entry.purpose, entry.purpose),
        "result": result,
        "tone": tone,
        "broken": entry.seq in broken,
    }


def _chain_state(page: TrailPage, *, newest: bool) -> dict[str, Any]:
    """Return tone and text of the banner: what is proved about the log now. No query."""
    if page.broken:
        return {
            "tone": "error",
            "title": _("Entri pada halaman ini telah diubah"),
            "text": _(
                "Jalankan audit_verify dan simpan salinan basis data sebelum memakai sistem."
            ),
        }
    signed = signed_until()
    if signed is None or is_late(signed, at=timezone.now()):
        return {
            "tone": "warning",
            "title": _("Tanda tangan jejak terlambat"),
            "text": _("Tidak ada tanda tangan baru selama 30 menit. Periksa pekerja latar."),
        }
    words = {
        "size": signed.size,
        "time": dateformat.format(timezone.localtime(signed.at), "j M Y, H.i") + " WIB",
        "open": max(page.entries[0].seq - signed.size, 0) if page.entries and newest else 0,
    }
    text = _("Ditandatangani sampai entri %(size)d pada %(time)s.") % words
    if words["open"]:
        text += " " + _("%(open)d entri terbaru menunggu tanda tangan berikutnya.") % words
    return {"tone": "success", "title": _("Entri pada halaman ini utuh"), "text": text}


def _filters(request: OfficerRequest) -> tuple[Filters, dict[str, str]]:
    """Return the filters of an address and how it wrote them. Raises Http404 for what is none."""
    chosen = {
        name: request.GET[name] for name in ("officer", "file", "kind") if request.GET.get(name)
    }
    officer, file, kind = (chosen.get(name, "") for name in ("officer", "file", "kind"))
    subject_kind, _colon, digits = file.partition(":")
    if (
        (officer and not is_public_id(officer))
        or (file and not (subject_kind in {"case", "complaint"} and is_public_id(digits)))
        or kind not in KINDS
    ):
        raise Http404
    return Filters(officer, subjects_of_file(file) if file else (), kind), chosen


def _number(text: str) -> int | None:
    digits = text.isascii() and text.isdigit() and len(text) <= 18  # noqa: PLR2004 -- a bigint
    return int(text) if digits else None


def _address(chosen: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value})
    return reverse("desk:trail") + (f"?{query}" if query else "")
