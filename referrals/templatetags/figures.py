"""The figures on pages of other apps, which must not import this one."""

from typing import Any

from django import template

from referrals.selectors.figure_pages import Figures
from referrals.selectors.figures import publication

register = template.Library()


@register.inclusion_tag("figures/landing_block.html")
def landing_figures(*, is_demo: bool = False) -> dict[str, Any]:
    """Draw the landing page's block; nothing at all before the first number. One query."""
    told = publication()
    figures = Figures(told)
    return {
        "figures": [step for step in (*figures.matters, *figures.people) if step.told],
        "through": told.through,
        "is_demo": is_demo,
    }
