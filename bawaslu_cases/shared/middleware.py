"""What every response has: its language, and headers that no view may forget (protection.md F.2)."""

from collections.abc import Callable
from typing import Any, Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class SecurityHeadersMiddleware:
    """Set no-store on every dynamic page that did not choose otherwise, and deny device features."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with the headers added."""
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class ContentPolicyMiddleware(CSPMiddleware):
    """Build the policy of pages once a process; of those that choose another, each time.

    All but a few pages have the same one, and building it took as long as half of a page's other headers
    together. What the library builds it from are the settings and these marks.
    """

    MARKS: Final = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self._usual = ""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Set the header. No queries."""
        is_usual = (
            not settings.DEBUG
            and HEADER not in response
            and not hasattr(request, "_csp_nonce")
            and not any(mark in response.__dict__ for mark in self.MARKS)
        )
        if is_usual and self._usual:
            response[HEADER] = self._usual
            return response
        response = super().process_response(request, response)
        if is_usual:
            self._usual = response.get(HEADER, "")
        return response


class EvidenceHostMiddleware:
    """Keep the address of evidence copies and every other address apart: neither serves the other's."""

    PREFIX = "/salinan/"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request where it belongs, else with a bare 404. No queries."""
        own = settings.EVIDENCE_ORIGIN.partition("://")[2]
        is_copy = request.path_info.startswith(self.PREFIX)
        if is_copy != (bool(own) and request.META.get("HTTP_HOST", "") == own):
            return HttpResponseNotFound(content_type="text/plain")
        return self.get_response(request)


class AddressLanguageMiddleware:
    """Speak the language the address names, and nothing else: /en/… is English, the rest Indonesian.

    Django's own would ask a cookie and the browser too. A cookie would outlive the visit, and a page
    that differs by browser could not be cached by its address (ADR 0020).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in that language. No queries."""
        named = translation.get_language_from_path(request.path_info)
        with translation.override(named or settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.setdefault("Content-Language", translation.get_language())
            return response
