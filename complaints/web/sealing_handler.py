"""Files in a plain form post, without JavaScript: sealed part by part while the body is still coming.

Django's own handlers would hold a file in memory or write it to a temporary file in plain. Here each
4 MiB are sealed under the session's key and kept before the next are read, so a post of 200 MB costs a
worker a few of them (protection.md C, check E11).

What a post brought is settled by the view (``take_brought``), which knows that the whole body came: the
form ends with the field ``whole``, so a body that broke off in the middle of a file has none. Files that
nobody settled, because the token was wrong or the page failed, are erased when the answer is ready.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from bawaslu_cases.shared.errors import DomainError
from complaints.errors import DraftGoneError
from complaints.services.uploads import (
    append_part,
    forget_upload,
    open_upload,
    settle_upload,
)
from complaints.web.reporter_page import token_of

FIELD: Final = "upload"
WHOLE: Final = "whole"
PART_BYTES: Final = 4 * 1024 * 1024
_BROUGHT = "brought_files"
_MOST_TOLD = 20
"""Refused files named on the page; a post may hold a hundred."""

View = Callable[..., HttpResponse]


class SealingUploadHandler(FileUploadHandler):
    """Seal what arrives in the field ``upload``; everything else is read and dropped.

    ``kept`` are ids of files that came, ``refused`` names and codes of those that did not.
    """

    def __init__(self, request: HttpRequest, token: str) -> None:
        super().__init__(request)
        self.kept: list[UUID] = []
        self.refused: list[tuple[str, str]] = []
        self._token = token
        self._buffer = bytearray()
        self._left = 0
        self._offset = 0
        self._upload: UUID | None = None
        self._last: tuple[UUID, str] | None = None

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 -- Django's signature
        META: Any,  # noqa: ARG002, N803
        content_length: int,
        boundary: Any,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        """Note how much can come at most."""
        self._left = content_length

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        """Open a place for the file, or let it pass by."""
        self.settle_last()  # another file begins, so the one before it came to its end
        super().new_file(field_name, file_name, *args, **kwargs)
        self._buffer.clear()
        self._offset, self._upload = 0, None
        if field_name != FIELD or not self._token:
            raise SkipFile
        try:
            self._upload = open_upload(
                token=self._token,
                name=file_name,
                length=self._left,
                at=timezone.now(),
                is_exact=False,
            )
        except DraftGoneError:
            raise SkipFile from None
        except DomainError as error:
            self._refuse(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        """Seal and keep every 4 MiB."""
        self._buffer += raw_data
        if len(self._buffer) >= PART_BYTES:
            self._flush()

    def file_complete(self, file_size: int) -> None:
        """Keep the rest. What this returns would be the form's file; there is none."""
        if self._upload is None:
            return
        try:
            self._flush()
        except SkipFile:  # refused by its first bytes, and noted
            return
        self._left -= file_size
        self._last, self._upload = (self._upload, self.file_name or ""), None

    def settle_last(self) -> None:
        """Make the file that came last whole. Until then it keeps room for all that could have come."""
        if self._last is None:
            return
        (upload_id, name), self._last = self._last, None
        try:
            settle_upload(token=self._token, upload_id=upload_id, at=timezone.now())
        except DomainError as error:
            forget_upload(token=self._token, upload_id=upload_id, at=timezone.now())
            self.refused.append((name, error.code))
        else:
            self.kept.append(upload_id)

    def forget_last(self) -> None:
        """Take the last file back: nobody knows whether all of it came."""
        if self._last is not None:
            (upload_id, name), self._last = self._last, None
            forget_upload(token=self._token, upload_id=upload_id, at=timezone.now())
            self.refused.append((name, "torn"))

    def upload_interrupted(self) -> None:
        """Take back what was on its way."""
        self._take_back()

    def forget_all(self) -> None:
        """Take back every file that was not settled."""
        self._take_back()
        self.forget_last()
        for upload_id in self.kept:
            forget_upload(token=self._token, upload_id=upload_id, at=timezone.now())
        self.kept.clear()

    def _flush(self) -> None:
        if self._upload is None or not self._buffer:
            return
        content = bytes(self._buffer)
        self._buffer.clear()
        try:
            append_part(
                token=self._token,
                upload_id=self._upload,
                offset=self._offset,
                content=content,
                at=timezone.now(),
            )
        except DomainError as error:
            self._take_back()
            self._refuse(error)
        self._offset += len(content)

    def _take_back(self) -> None:
        if self._upload is not None:
            forget_upload(token=self._token, upload_id=self._upload, at=timezone.now())
            self._upload = None

    def _refuse(self, error: DomainError) -> None:
        self.refused.append((self.file_name or "", error.code))
        raise SkipFile


def takes_files(view: View) -> View:
    """Decorate a reporter's page whose form may bring files.

    The token of the form stands in the same body as the files, so the handler must be in place before
    it is checked: this page is exempt outside and protected inside, as Django's documentation has it.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def page(request: HttpRequest, **named: Any) -> HttpResponse:
        if request.method != "POST" or request.content_type != "multipart/form-data":
            return protected(request, **named)
        handler = SealingUploadHandler(request, token_of(request))
        request.upload_handlers = [handler]
        setattr(request, _BROUGHT, handler)
        try:
            return protected(request, **named)
        finally:
            handler.forget_all()

    return page


def take_brought(request: HttpRequest) -> list[list[str]]:
    """Settle what the post brought and return name and code of each file that is not there."""
    handler: SealingUploadHandler | None = getattr(request, _BROUGHT, None)
    if handler is None:
        return []
    if WHOLE in request.POST:
        handler.settle_last()
    else:  # the body broke off, in the middle of a file or right behind it
        handler.forget_last()
    handler.kept.clear()  # the page was let in, so they stay
    return [list(each) for each in handler.refused[:_MOST_TOLD]]
