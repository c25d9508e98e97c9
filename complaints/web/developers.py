"""What an office's programmer must know of the API before the first call. The rest stands in docs/api.md."""

import hashlib
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from bawaslu_cases.accounts.scopes import Scope

PUBLIC_FOR_FIVE_MINUTES: Final = "public, max-age=300"

QUICK_START: Final = (
    {
        "title": _("Ambil token"),
        "text": _(
            "Berlaku sepuluh menit. Rahasia masuk lewat masukan baku, bukan sebagai argumen."
        ),
        "code": """\
token=$(printf 'user = "%s:%s"\\n' "$CLIENT_ID" "$CLIENT_SECRET" |
    curl -sS --fail -K - -d grant_type=client_credentials "$SERVER/api/v1/token" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')

api() {
    printf 'header = "Authorization: Bearer %s"\\n' "$token" | curl -sS --fail-with-body -K - "$@"
}

api "$SERVER/api/v1/me"
""",
    },
    {
        "title": _("Kirim temuan"),
        "text": _(
            "Tiap kiriman membawa kunci sendiri. Sambungan putus? "
            "Kirim ulang dengan kunci yang sama: hanya sekali yang dicatat."
        ),
        "code": """\
cat >finding.json <<'JSON'
{
  "region": "33.08",
  "acts": ["PRESSURE_OTHERS"],
  "people": [{"name": "Contoh Wiratama", "position": "Camat"}],
  "event_on": "2024-10-05",
  "known_on": "2024-10-05",
  "place": "Balai Desa Contoh",
  "story": "Camat mengajak warga memilih nomor dua di balai desa; tiga pengawas mendengarnya."
}
JSON
key=$(python3 -c 'import uuid; print(uuid.uuid4().hex)')
for attempt in 1 2; do
    api -H "Content-Type: application/json" -H "Idempotency-Key: $key" \\
        --data-binary @finding.json "$SERVER/api/v1/findings"
done
""",
    },
    {
        "title": _("Baca yang berubah"),
        "text": _(
            "Pertama semuanya, lalu hanya yang baru. Simpan cursor dan bertanya lagi dengannya."
        ),
        "code": """\
api "$SERVER/api/v1/changes?limit=200"
""",
    },
)
"""Blocks of the quick start in docs/api.md, letter for letter: a test runs them there."""

LIMITS: Final = (
    {"term": _("Badan permintaan"), "value": _("1 MiB, JSON sampai 24 tingkat")},
    {"term": _("Satu halaman daftar"), "value": _("1 sampai 200 baris, 50 bila tidak disebut")},
    {"term": _("Sekali kirim banyak"), "value": _("100 laporan")},
    {
        "term": _("Berkas satu laporan"),
        "value": _("10 berkas, 300 MiB, dalam bagian sampai 5 MiB"),
    },
    {"term": _("Kunci kiriman"), "value": _("diingat 14 hari")},
    {"term": _("Cursor perubahan"), "value": _("berlaku 30 hari")},
    {"term": _("Langganan webhook"), "value": _("lima per klien")},
)

PROBLEMS: Final = (
    {"status": "401", "code": "token_needed", "do": _("Ambil token baru, sekali.")},
    {"status": "403", "code": "scope_missing", "do": _("Minta hak itu kepada administrator.")},
    {
        "status": "400",
        "code": "idempotency_key_missing",
        "do": _("Beri setiap POST sebuah Idempotency-Key."),
    },
    {
        "status": "409",
        "code": "idempotency_key_in_progress",
        "do": _("Tunggu Retry-After, kirim yang sama lagi."),
    },
    {
        "status": "422",
        "code": "idempotency_key_reused",
        "do": _("Pakai kunci baru untuk kiriman yang lain."),
    },
    {"status": "428", "code": "if_match_missing", "do": _("Sebut ETag catatan dalam If-Match.")},
    {"status": "412", "code": "record_changed", "do": _("Baca catatan lagi, lalu putuskan.")},
    {
        "status": "410",
        "code": "cursor_expired",
        "do": _("Mulai dari awal, tanpa since."),
    },
    {"status": "429", "code": "quota_spent", "do": _("Tunggu Retry-After.")},
    {
        "status": "503",
        "code": "",
        "do": _(
            "Belum ada yang diperlihatkan atau dicatat. Tunggu Retry-After, kirim yang sama lagi."
        ),
    },
)

VERSIONS: Final = (
    {
        "version": "0.1.0",
        "text": _(
            "Yang pertama: laporan, temuan, bukti, usulan, kasus, tenggat, rujukan, tindak lanjut, "
            "perubahan, data acuan, angka, webhook, catatan panggilan."
        ),
    },
)
"""Newest first, as in docs/api-changelog.md."""


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """Show what the API is for, how to get in, and what it asks of a program. No query, no cookie."""
    context = {
        "versions": VERSIONS,
        "scopes": [{"name": scope.value, "label": scope.label} for scope in Scope],
        "quick_start": QUICK_START,
        "limits": [
            {
                "term": _("Panggilan semenit"),
                "value": settings.API_CALLS_A_MINUTE,
                "note": _("bila administrator tidak menetapkan lain"),
            },
            {"term": _("Token semenit"), "value": settings.API_TOKENS_A_MINUTE},
            *LIMITS,
        ],
        "problems": PROBLEMS,
    }
    body = render_to_string("public/developers.html", context, request).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body)
    response["ETag"] = etag
    response["Cache-Control"] = PUBLIC_FOR_FIVE_MINUTES
    return get_conditional_response(request, etag=etag, response=response) or response
