"""The figures on pages of other apps, which must not import this one."""

from typing import Any

from django import template

from referrals.selectors.figures import public_figures

register = template.Library()


@register.inclusion_tag("figures/landing_block.html")
def landing_figures(*, is_demo: bool = False) -> dict[str, Any]:
    """Draw the landing page's block; nothing at all before the first count. One query."""
    figures = public_figures()
    counted = [row for row in figures.rows if row.value is not None]
    return {
        "figures": [{"label": row.label, "value": row.shown} for row in figures.rows],
        "is_worth_showing": bool(counted),
        "counted_at": figures.counted_at,
        "is_demo": is_demo,
    }
