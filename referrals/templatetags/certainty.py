"""How sure we are of a line of an explanation, in words."""

from django import template

from bawaslu_cases.registry.models import Confidence

register = template.Library()

WEAK = frozenset({Confidence.ONE_SOURCE, Confidence.BACKGROUND, Confidence.GAP})


@register.filter
def certainty(value: str) -> str:
    """Return the words of a ``Confidence``, or nothing for a fact and for a value nobody knows."""
    return str(Confidence(value).label) if value in Confidence.values else ""


@register.filter
def is_weak(value: str) -> bool:
    """Whether a legal fact still rests on less than two sources."""
    return value in WEAK
