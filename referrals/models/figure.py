"""Figures for the public page, counted in the background and kept: the page survives a slow count."""

from django.db import models


class PublicFigure(models.Model):
    """One counted number and when it was counted."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
