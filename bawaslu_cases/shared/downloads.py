"""Sealed files on their way to a person: always a download, never a page of ours."""

from django.http import HttpResponse

from bawaslu_cases.shared import sealed_files

SUFFIX = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def sealed_download(*, storage_name: str, purpose: str, media_type: str, stem: str) -> HttpResponse:
    """Return the opened file as an attachment with a plain ASCII name of our own."""
    return download(
        sealed_files.load(storage_name, purpose=purpose), media_type=media_type, stem=stem
    )


def download(content: bytes, *, media_type: str, stem: str) -> HttpResponse:
    """Return bytes as an attachment that no browser opens as a page of ours or keeps."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{stem}.{SUFFIX[media_type]}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
