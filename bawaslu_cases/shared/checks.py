"""Checks of the server under the product, run by ``check --deploy``."""

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 -- Django's name

from bawaslu_cases.shared.memory_guard import plain_swaps


@register(Tags.security, deploy=True)
def swap_is_not_plain(**_options: Any) -> list[CheckMessage]:
    """Warn where pages of memory, with what a reporter typed, may lie on a disk in the clear."""
    return [
        Warning(
            f"memory is swapped to {place} in the clear",
            hint="Turn swap off, use zram, or encrypt it (docs/operations.md).",
            id="shared.W001",
        )
        for place in plain_swaps()
    ]
