"""Which version of each data file the database holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataLoad(models.Model):
    """The last loaded state of one file.

    An unchanged file is not loaded again, so a row somebody corrected by hand keeps its
    correction until the project publishes a new file.
    """

    file_name = models.CharField(max_length=60, unique=True)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["file_name"]
        verbose_name = _("berkas termuat")
        verbose_name_plural = _("berkas termuat")

    def __str__(self) -> str:
        return self.file_name
