"""The public face: landing, information, the quick exit and the error pages."""

import logging
import sys
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from complaints.selectors.guide import current_guide
from complaints.selectors.guide_table import Question
from complaints.services.uploads import end_with_files

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = "120"

LANES = [
    {
        "title": _("Tanpa nama"),
        "icon": "hat-glasses",
        "text": _(
            "Kami tidak meminta nama, telepon, atau email. "
            "Laporan menjadi informasi awal yang ditelusuri Bawaslu."
        ),
        "lines": [
            {"sees": False, "text": _("Petugas Bawaslu: tidak tahu")},
            {"sees": False, "text": _("BKN dan instansi: tidak tahu")},
            {"sees": False, "text": _("Orang yang dilaporkan: tidak tahu")},
        ],
    },
    {
        "title": _("Dirahasiakan"),
        "icon": "lock",
        "text": _(
            "Nama dikunci. Dua orang dari dua unit membukanya bersama, dengan alasan tertulis. "
            "Anda melihat setiap pembukaan."
        ),
        "lines": [
            {"sees": True, "text": _("Verifikator bersama kustodian: bisa tahu")},
            {"sees": False, "text": _("Petugas yang menangani: tidak tahu")},
            {"sees": False, "text": _("BKN dan instansi: tidak tahu")},
            {"sees": False, "text": _("Orang yang dilaporkan: tidak tahu")},
        ],
    },
    {
        "title": _("Terbuka"),
        "icon": "user-check",
        "text": _(
            "Nama tetap dikunci, tetapi boleh ditulis dalam berkas resmi. "
            "Anda dapat diundang memberi keterangan."
        ),
        "lines": [
            {"sees": True, "text": _("Petugas yang menangani: bisa tahu")},
            {"sees": True, "text": _("BKN dan instansi: bisa tahu")},
            {"sees": True, "text": _("Orang yang dilaporkan: bisa tahu")},
        ],
    },
]

EXAMPLE_TIMELINE = [
    {"title": _("Diterima"), "when": _("Senin, 16 November"), "state": "done"},
    {
        "title": _("Diperiksa kelengkapannya"),
        "when": _("Selasa, 17 November"),
        "state": "done",
    },
    {
        "title": _("Ditelusuri Bawaslu Provinsi"),
        "when": _("Sejak Rabu, 18 November"),
        "state": "now",
    },
    {
        "title": _("Diteruskan ke BKN, lalu instansi"),
        "note": _("Sanksi dan tindak lanjutnya bisa Anda pantau"),
        "state": "next",
    },
]

TEASER = (
    "menyukai-unggahan-calon",
    "hadir-kampanye-berseragam",
    "memakai-mobil-dinas",
    "memilih-di-tps",
)
"""Questions of the guide that the landing shows; one that is gone is left out."""

PRIVATE_MODES = [
    {"term": _("Chrome Android"), "value": _("Titik tiga, lalu Tab samaran baru")},
    {"term": _("Safari iPhone"), "value": _("Ikon tab, geser ke Pribadi, lalu tanda tambah")},
    {"term": _("Samsung Internet"), "value": _("Ikon tab, lalu Aktifkan mode rahasia")},
    {"term": _("Firefox"), "value": _("Titik tiga, lalu Tab pribadi baru")},
    {
        "term": _("Komputer"),
        "value": _("Ctrl + Shift + N (Chrome, Edge) atau Ctrl + Shift + P (Firefox)"),
    },
]

HISTORY_STEPS = [
    {
        "term": _("Chrome Android"),
        "value": _("Titik tiga, Histori, lalu tanda silang pada baris situs ini"),
    },
    {
        "term": _("Safari iPhone"),
        "value": _("Ikon buku, tab jam, geser baris situs ini ke kiri, lalu Hapus"),
    },
    {
        "term": _("Samsung Internet"),
        "value": _("Garis tiga, Riwayat, tahan baris situs ini, lalu Hapus"),
    },
    {"term": _("Firefox"), "value": _("Titik tiga, Riwayat, titik tiga pada baris, lalu Hapus")},
    {"term": _("Komputer"), "value": _("Ctrl + H, cari situs ini, lalu hapus barisnya saja")},
]

ANSWERS = [
    {
        "question": _("Apakah saya harus punya akun?"),
        "answer": _("Tidak. Anda tidak membuat akun dan tidak memberi email."),
    },
    {
        "question": _("Saya tidak tahu NIP orang itu"),
        "answer": _("Tidak perlu. Nama, jabatan, atau nama akun media sosial sudah cukup."),
    },
    {
        "question": _("Kode saya hilang"),
        "answer": _(
            "Kode tidak bisa diganti, karena kami tidak tahu siapa Anda. "
            "Laporannya tetap ditangani. Anda bisa membuat laporan baru."
        ),
    },
    {
        "question": _("Berapa lama laporan diperiksa?"),
        "answer": _(
            "Batas waktunya dihitung menurut aturan dan hari kerja di wilayah itu. "
            "Tanggal berikutnya selalu tertulis di halaman laporan Anda."
        ),
    },
    {
        "question": _("Kejadiannya sudah lama. Masih bisa?"),
        "answer": _(
            "Bisa. Laporan tanpa nama dicatat sebagai informasi awal. "
            "Bawaslu memutuskan apakah masih dapat ditelusuri."
        ),
    },
    {
        "question": _("Apa beda laporan tanpa nama dan laporan resmi?"),
        "answer": _(
            "Laporan resmi memerlukan identitas pelapor. "
            "Laporan tanpa nama dapat ditelusuri Bawaslu menjadi temuan."
        ),
    },
    {
        "question": _("Apakah orang yang dilaporkan tahu saya melapor?"),
        "answer": _(
            "Nama Anda tidak ada di sistem ini. "
            "Hati-hati dengan isi cerita yang hanya Anda yang tahu."
        ),
    },
]


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show what this is, who will know, and the two doors.

    One query at most, by the figures block, which stays away when the database does. Twelve more for
    the guide's questions and five more for the figures where this process has not read them yet.
    """
    context = {
        "lanes": LANES,
        "example_timeline": EXAMPLE_TIMELINE,
        "questions": _teaser(),
    }
    return render(request, "public/landing.html", context)


def _teaser() -> list[Question]:
    """Return a few questions of the guide; none while the database is gone and nothing is kept."""
    try:
        guide = current_guide(timezone.localdate())
    except DatabaseError:
        return []
    return [question for slug in TEASER if (question := guide.question(slug))]


@require_safe
def protection(request: HttpRequest) -> HttpResponse:
    """Say how a reporter is protected, and where not."""
    return render(request, "public/protection.html")


@require_safe
def traces(request: HttpRequest) -> HttpResponse:
    """Explain how to leave no traces on a phone."""
    context = {"private_modes": PRIVATE_MODES, "history_steps": HISTORY_STEPS}
    return render(request, "public/traces.html", context)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer the questions asked most."""
    return render(request, "public/help.html", {"answers": ANSWERS})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is stored and what never is."""
    return render(request, "public/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """State what works for whom, and what does not yet."""
    return render(request, "public/accessibility.html")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def quick_exit(request: HttpRequest) -> HttpResponse:
    """End the reporter's session, clear what the browser holds of this site, and lead away.

    POST is the beacon of quick_exit.js (nobody reads its answer), GET the plain link. Leaving must
    never fail: with the database down the cookie, which is the only key to the draft, still goes.
    The cookie is SameSite=Strict, so another site's link ends nobody's session.
    """
    token = request.COOKIES.get(settings.REPORTER_COOKIE_NAME)
    if token:
        try:
            end_with_files(token=token, at=timezone.now())
        except DatabaseError:
            logger.error("quick_exit.session_not_ended")  # noqa: TRY400 -- the text could hold SQL
    if request.method == "POST":
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    else:
        response = HttpResponse(status=HTTPStatus.SEE_OTHER)
        response["Location"] = settings.QUICK_EXIT_URL
    for name in (
        settings.REPORTER_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.SESSION_COOKIE_NAME,
    ):
        response.delete_cookie(name, samesite="Strict")
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


# Django calls the handlers by these argument names (noqa: ARG001 below).
def _problem(status: HTTPStatus, template: str) -> HttpResponse:
    """Draw an error page without request, session or database."""
    context = {"product": {"quick_exit_url": settings.QUICK_EXIT_URL}}
    return HttpResponse(render_to_string(template, context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 400."""
    return _problem(HTTPStatus.BAD_REQUEST, "400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 403."""
    return _problem(HTTPStatus.FORBIDDEN, "403.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form whose token is missing or old (settings.CSRF_FAILURE_VIEW)."""
    return _problem(HTTPStatus.FORBIDDEN, "403_csrf.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 404."""
    return _problem(HTTPStatus.NOT_FOUND, "404.html")


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 429."""
    return _problem(HTTPStatus.TOO_MANY_REQUESTS, "429.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500; or 503 when the database is gone, which passes and is worth another try."""
    error = sys.exception()
    # A server that stops in the middle of an answer is the driver's plainest error, without a code.
    cut_off = type(error) is DatabaseError and error.__cause__ is not None
    if cut_off or isinstance(error, OperationalError | InterfaceError):
        return unavailable(request)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "500.html")


def unavailable(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 503."""
    response = _problem(HTTPStatus.SERVICE_UNAVAILABLE, "503.html")
    response["Retry-After"] = RETRY_AFTER_SECONDS
    return response
