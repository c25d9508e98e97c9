"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def product(_request: HttpRequest) -> dict[str, dict[str, object]]:
    """Return the product's public name and whether this is the invented demo world. No queries."""
    return {
        "product": {
            "name": settings.PRODUCT_NAME,
            "demo": settings.DEMO,
            "quick_exit_url": settings.QUICK_EXIT_URL,
        }
    }
