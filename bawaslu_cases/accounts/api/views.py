"""What every view for API clients shares: who calls, may they, how often, and what is written down."""

import base64
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bawaslu_cases.accounts.api.authentication import BearerAuthentication, access_of
from bawaslu_cases.accounts.api.parsers import BodyTooLargeError, StrictJSONParser
from bawaslu_cases.accounts.api_quota import spend
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services.api_calls import note_call
from bawaslu_cases.audit import reads
from bawaslu_cases.audit.checkpoints import newest_note

METHODS = ("get", "head", "post", "put", "patch", "delete")


class ScopeMissingError(PermissionDenied):
    """The token does not carry the scope this needs."""

    default_detail = _("Token ini tidak memuat cakupan yang diperlukan.")
    default_code = "scope_missing"


class QuotaSpentError(Throttled):
    """The client's minute is used up; ``Retry-After`` says when the next begins."""

    default_code = "quota_spent"
    default_detail = _("Terlalu banyak permintaan. Coba lagi nanti.")
    extra_detail_singular = ""
    extra_detail_plural = ""


class ClientView(APIView):
    """A view for clients of the API. ``scopes`` names what each method needs; what is not named is shut.

    ``request.user`` is the client's service account, ``request.auth`` a :class:`ClientAccess`. The
    audit middleware writes one entry for the call with the client and its purpose, or the call fails
    (ADR 0014); the call log gets a line. One query before the view's own and one after.
    """

    scopes: ClassVar[Mapping[str, Scope | None]] = {}
    """Method → scope; None for what every client may."""

    authentication_classes = (BearerAuthentication,)
    parser_classes = (StrictJSONParser,)
    http_method_names = METHODS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in the language asked for, and note the call."""
        began = time.perf_counter()
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value
        language = translation.get_language_from_request(request)
        try:
            with translation.override(language):
                response = super().dispatch(request, *args, **kwargs)
                if isinstance(response, Response):
                    # Here, where lazy words are still of this language.
                    response.render()
            response["Content-Language"] = language
            patch_vary_headers(response, ["Accept-Language", "Authorization"])
            status = response.status_code
            return response
        finally:
            access = getattr(self.request, "auth", None) if self._is_known() else None
            if access is not None:
                match = request.resolver_match
                note_call(
                    client=access.client,
                    at=timezone.now(),
                    method=request.method or "",
                    route=match.view_name if match is not None else "",
                    status=status,
                    ms=round((time.perf_counter() - began) * 1000),
                )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say who calls, for what purpose, and whether this token may."""
        super().initial(request, *args, **kwargs)
        access = access_of(request)
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method.lower() in self.http_method_names and hasattr(self, method.lower()):
            # A method that names no scope is open to nobody: the KeyError is a bug's own.
            needed = self.scopes[method]
            if needed is not None and needed not in access.scopes:
                raise ScopeMissingError

    def check_throttles(self, request: Request) -> None:
        """Take the call from the client's minute. No query."""
        access = access_of(request)
        reads.for_purpose(access.client.purpose)
        reads.remark(client=access.client.public_id)
        limit = access.client.calls_a_minute or settings.API_CALLS_A_MINUTE
        self.quota = spend(str(access.client.pk), limit=limit, now=time.time())
        if self.quota.is_over:
            raise QuotaSpentError(wait=self.quota.reset)

    def handle_exception(self, exc: Exception) -> Response:
        """Say 413 wherever the body was first asked for."""
        known = BodyTooLargeError() if isinstance(exc, RequestDataTooBig) else exc
        return super().handle_exception(known)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Add what every answer to a client carries."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if note := newest_note():
            answer["X-Jejak-Checkpoint"] = base64.b64encode(note.encode()).decode()
        if answer.status_code == HTTPStatus.CONFLICT and "Retry-After" not in answer:
            # Whoever works on the same thing is done in a moment.
            answer["Retry-After"] = "1"
        if hasattr(self, "quota"):
            for name, value in self.quota.headers().items():
                answer[name] = value
        return answer

    def _is_known(self) -> bool:
        """Say whether somebody was recognised, without trying again."""
        return getattr(getattr(self, "request", None), "_auth", None) is not None
