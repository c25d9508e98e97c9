"""What every response has: its language, and headers that no view may forget (protection.md F.2)."""

from collections.abc import Callable

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
