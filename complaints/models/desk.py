"""What the desk keeps for its own order: labels, saved views and who has seen what. No case facts."""

import uuid

from django.db import models
from django.db.models.functions import Lower

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models.complaint import Complaint


class Tag(models.Model):
    """A label of one office's own. Other offices neither see it nor may use it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("office", Lower("name"), name="tag_once_in_an_office"),
            models.CheckConstraint(name="tag_has_a_name", condition=~models.Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class ComplaintTag(models.Model):
    """A label on a record. Who put it there and when stands in the record's WorkEvents."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "tag"], name="tagged_once"),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.tag_id}"


class ReadMark(models.Model):
    """How much of a record somebody has seen: the number of its news, never an hour.

    Histories only grow, so a record is unread while its news are more than the mark says. News are
    counted and not dated because a reporter's own steps carry the day alone.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="read_marks")
    news = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "user"], name="read_mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.news} of {self.complaint_id}"


class SavedView(models.Model):
    """A named set of filters: somebody's own, or of a whole office once it is shared there.

    ``query`` is a query string of the filter table, normalised when it is saved; what no longer fits the
    table is told and left out when the view is opened.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                condition=models.Q(office__isnull=True),
                name="own_view_name_once",
            ),
            models.UniqueConstraint(
                "office",
                Lower("name"),
                condition=models.Q(office__isnull=False),
                name="office_view_name_once",
            ),
            models.CheckConstraint(name="saved_view_has_a_name", condition=~models.Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
