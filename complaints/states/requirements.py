"""What is looked at before a record is laid before the plenary (PB7 ps 15)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.states.intake import REPORT_LANES


class Requirement(models.TextChoices):
    """What the officer looks at before proposing (PB7 ps 15; a tip has no reporter identity)."""

    REPORTER = "reporter", _("Nama dan alamat pelapor")
    REPORTED_PARTY = "reported_party", _("Terlapor jelas")
    IN_TIME = "in_time", _("Dalam tujuh hari sejak diketahui")
    TIME_PLACE = "time_place", _("Waktu dan tempat kejadian")
    DESCRIPTION = "description", _("Uraian kejadian")
    EVIDENCE = "evidence", _("Bukti atau petunjuk")


FORMAL_REQUIREMENTS = (
    Requirement.REPORTER,
    Requirement.REPORTED_PARTY,
    Requirement.IN_TIME,
)
MATERIAL_REQUIREMENTS = (Requirement.TIME_PLACE, Requirement.DESCRIPTION, Requirement.EVIDENCE)


def requirements_of(lane: str) -> tuple[Requirement, ...]:
    """Return what is checked in this lane: only a report has a reporter to look for."""
    asked = FORMAL_REQUIREMENTS + MATERIAL_REQUIREMENTS
    if lane in REPORT_LANES:
        return asked
    return tuple(item for item in asked if item is not Requirement.REPORTER)
