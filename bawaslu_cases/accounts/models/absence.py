"""When somebody is away, and who stands in for them."""

import datetime as dt
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models.user import RoleGrant, User
from bawaslu_cases.accounts.roles import WORKING_ROLES


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences by day."""

    def on(self, day: dt.date) -> Self:
        """Keep those that contain the day (by the clock of the office) and were not called off."""
        return self.filter(cancelled_at=None, first_on__lte=day, last_on__gte=day)

    def held(self) -> Self:
        """Keep those whose deputy can still stand in: active, of the same office, with a working role."""
        grants = RoleGrant.objects.filter(user=OuterRef("deputy"), role__in=sorted(WORKING_ROLES))
        return self.filter(Exists(grants), deputy__is_active=True, deputy__office=F("user__office"))

    def meeting(self, first_on: dt.date, last_on: dt.date) -> Self:
        """Keep those that share a day with the days from ``first_on`` to ``last_on``, not called off."""
        return self.filter(cancelled_at=None, first_on__lte=last_on, last_on__gte=first_on)


class Absence(models.Model):
    """One absence of an officer, both days inclusive, with the colleague who stands in meanwhile.

    What the absent person has in hand stays theirs: the deputy sees it beside their own while the days
    last, so on the day after nothing has to be handed back. Days are those of the office's own zone.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stand_ins")
    first_on = models.DateField()
    last_on = models.DateField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["first_on", "pk"]
        verbose_name = _("ketidakhadiran")
        verbose_name_plural = _("ketidakhadiran")
        constraints = [
            models.CheckConstraint(
                name="absence_days_ordered", condition=Q(first_on__lte=F("last_on"))
            ),
            models.CheckConstraint(
                name="absence_deputy_is_another", condition=~Q(deputy=F("user"))
            ),
            ExclusionConstraint(
                name="absence_one_at_a_time",
                expressions=[
                    (
                        Func(
                            F("first_on"),
                            F("last_on"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (F("user"), RangeOperators.EQUAL),
                ],
                condition=Q(cancelled_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["deputy", "last_on"], name="absence_of_deputy"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.first_on} – {self.last_on}"
