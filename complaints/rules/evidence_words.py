"""The cleaner's codes in words, for officers. What a reporter reads stands in services/file_refusals.py."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.cleaner.errors import FAILURES
from complaints.cleaner.facts import REMOVED

FAILURE_WORDS: dict[str, Promise] = {
    "memory": _("Salinan aman tidak dapat dibuat: berkas meminta terlalu banyak memori."),
    "time": _("Salinan aman tidak dapat dibuat: waktunya habis."),
    "output": _("Salinan aman tidak dapat dibuat: hasilnya terlalu besar."),
    "crashed": _("Salinan aman tidak dapat dibuat: pembacanya berhenti tiba-tiba."),
    "answer": _("Salinan aman tidak dapat dibuat: jawaban pembacanya tidak masuk akal."),
    "unavailable": _("Salinan aman belum dapat dibuat: ruang aman tidak tersedia di server ini."),
}
"""Failure code → what the desk reads beside a file that waits for it."""

ORDER_WORDS: dict[str, Promise] = FAILURE_WORDS | {
    "changed": _("Salinan ini baru diubah orang lain. Periksa lagi, lalu tutup bagiannya."),
    "not_permitted": _("Salinan ini tidak dapat dibuka lagi."),
    "unreadable": _("Salinan ini tidak dapat dibaca dari penyimpanan. Beri tahu administrator."),
}
"""Failure code of an order → what the officer who waits for it reads."""

WAITING_WORDS: dict[str, Promise] = FAILURE_WORDS | {
    "does_not_open": _("Salinan aman tidak dapat dibuat: kunci pembersihnya tidak cocok lagi."),
    "damaged": _("Salinan aman tidak dapat dibuat: berkas aslinya tidak utuh di penyimpanan."),
    "missing": _("Salinan aman tidak dapat dibuat: berkas aslinya tidak ada di penyimpanan."),
}
"""The same, and what keeps a file waiting that is none of the cleaner's own failures."""

REMOVED_WORDS: dict[str, Promise] = {
    "exif": _("data kamera (EXIF)"),
    "gps": _("lokasi (GPS)"),
    "thumbnail": _("gambar kecil tersembunyi"),
    "maker_note": _("catatan pabrikan kamera"),
    "xmp": _("data penyuntingan (XMP)"),
    "icc": _("profil warna"),
    "comment": _("komentar di dalam berkas"),
    "text_chunks": _("teks tersembunyi"),
    "frames": _("gambar bergerak selain yang pertama"),
    "trailing_data": _("data di belakang gambar"),
    "pictures": _("gambar tambahan"),
    "docinfo": _("keterangan dokumen"),
    "javascript": _("program di dalam PDF"),
    "actions": _("perintah otomatis dan tautan"),
    "attachments": _("lampiran di dalam PDF"),
    "forms": _("isian formulir"),
    "annotations": _("catatan dan anotasi"),
    "layers": _("lapisan tersembunyi"),
    "old_revisions": _("versi lama dokumen"),
    "text_layer": _("teks yang dapat disalin"),
    "tags": _("keterangan berkas"),
    "location": _("lokasi perekaman"),
    "chapters": _("daftar bab"),
    "data_streams": _("jalur data"),
    "subtitles": _("teks terjemahan"),
    "cover_art": _("gambar sampul"),
    "other_streams": _("jalur tambahan"),
    "control_characters": _("karakter kendali"),
    "bidi_characters": _("karakter pembalik arah"),
    "line_ends": _("jenis akhir baris"),
    "unread_structure": _("bagian yang tidak terbaca"),
}
"""Category of what the safe copy left behind → its name for officers."""

if not (
    set(FAILURE_WORDS) == set(FAILURES) and set(REMOVED_WORDS) == set(REMOVED)
):  # pragma: no cover -- the import fails, and with it every test
    raise LookupError("a code of the cleaner has no words")
