"""Indonesian dates for paper: a letter must not depend on the language of a process."""

from datetime import date

MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)


def long_date(day: date) -> str:
    """Return ``21 November 2024``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
