"""The writers of the registry: the calendar, and the loader of the project's data files."""

from bawaslu_cases.registry.services.calendar import DayOffDraft, change_calendar
from bawaslu_cases.registry.services.loading import (
    FILES,
    LoadResult,
    load_file,
    registry_differences,
)

__all__ = [
    "FILES",
    "DayOffDraft",
    "LoadResult",
    "change_calendar",
    "load_file",
    "registry_differences",
]
