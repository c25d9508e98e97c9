"""What was published for everybody: one row a table, written once and never changed."""

from django.db import models


class PublishedTable(models.Model):
    """One table of the public figures: which, of which months, its cells.

    Nothing but what everybody may read lies here: a hidden cell is null in ``cells``. A table says
    nothing of the moment it was counted; ``published_on`` is a day.
    """

    append_only = True

    name = models.CharField(max_length=40)
    first_month = models.DateField()
    last_month = models.DateField()
    total = models.PositiveIntegerField(null=True)
    cells = models.JSONField()
    published_on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["name", "last_month"], name="table_published_once"),
            models.CheckConstraint(
                name="published_months_in_order",
                condition=models.Q(first_month__lte=models.F("last_month")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.last_month:%Y-%m}"
