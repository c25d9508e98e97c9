"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils import translation
from django.utils.functional import SimpleLazyObject

OWN_NAMES = {"id": "Indonesia", "en": "English"}
"""Languages as those who speak them call them, short enough for the header of a small phone."""


def product(_request: HttpRequest | None = None) -> dict[str, dict[str, object]]:
    """Return the product's public name and whether this is the invented demo world. No queries."""
    return {
        "product": {
            "name": settings.PRODUCT_NAME,
            "demo": settings.DEMO,
            "quick_exit_url": settings.QUICK_EXIT_URL,
            # What the provider of staff's single sign-on is called; "" where there is none.
            "sign_on": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        }
    }


def other_language(request: HttpRequest) -> dict[str, object]:
    """Return where this page stands in the other language: ``other_language`` (code, name, href).

    None on pages that have one language only. No queries; worked out where a page asks for it, because
    the desk never does.
    """
    return {"other_language": SimpleLazyObject(lambda: other_address(request.get_full_path()))}


def other_address(path: str) -> dict[str, str] | None:
    """Return the other language's code, name and address of a page, or None where it has none."""
    here = translation.get_language()
    for code, _name in settings.LANGUAGES:
        href = translate_url(path, code)
        if code != here and href != path:
            return {"code": code, "name": OWN_NAMES[code], "href": href}
    return None
