"""Forms of the queue: many records at once, and saved views."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.forms import HouseForm
from complaints.models import Tag
from complaints.services.bulk import LONGEST_REASON, BulkAction, Row
from complaints.services.saved_views import LONGEST_NAME as LONGEST_VIEW_NAME
from complaints.services.tags import LONGEST_NAME as LONGEST_TAG_NAME
from complaints.states import ComplaintStatus

NOBODY = "-"


class BulkForm(HouseForm):
    """One step for many records; which fields it has depends on the step."""

    to = forms.ChoiceField(label=_("Petugas"))
    tag = forms.ChoiceField(label=_("Label"), required=False)
    new_tag = forms.CharField(
        label=_("atau label baru"), max_length=LONGEST_TAG_NAME, required=False
    )
    target = forms.ChoiceField(label=_("Kantor tujuan"))
    reason = forms.CharField(
        label=_("Alasan"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_REASON}),
        error_messages={"required": _("Tulis alasannya.")},
    )

    FIELDS = {
        BulkAction.ASSIGN: ("to", "reason"),
        BulkAction.TAG: ("tag", "new_tag", "reason"),
        BulkAction.UNTAG: ("tag", "reason"),
        BulkAction.MOVE: ("target", "reason"),
        BulkAction.CLOSE: ("reason",),
    }

    def __init__(
        self,
        *args: Any,
        action: BulkAction,
        people: list[User],
        tags: list[Tag],
        offices: list[Office],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.public_id): person for person in people}
        self.tags = {str(tag.public_id): tag for tag in tags}
        self.offices = {office.code: office for office in offices}
        for name in set(self.fields) - set(self.FIELDS[action]):
            del self.fields[name]
        fields: dict[str, Any] = self.fields
        if "to" in fields:
            names = [(key, person.name) for key, person in self.people.items()]
            fields["to"].choices = [("", _("Pilih petugas")), *names, (NOBODY, _("Lepas tugas"))]
        if "tag" in fields:
            names = [(key, tag.name) for key, tag in self.tags.items()]
            fields["tag"].choices = [("", _("Pilih label")), *names]
        if "target" in fields:
            names = [(code, office.name) for code, office in self.offices.items()]
            fields["target"].choices = [("", _("Pilih kantor")), *names]

    def clean(self) -> dict[str, Any]:
        """Demand a label of either kind where labels are asked for."""
        cleaned = super().clean() or {}
        if "tag" in self.fields and not (cleaned.get("tag") or cleaned.get("new_tag")):
            self.add_error("tag", _("Pilih label"))
        return cleaned

    @property
    def person(self) -> User | None:
        """Who is to have the rows; None lays them down."""
        return self.people.get(self.cleaned_data.get("to", ""))

    @property
    def office(self) -> Office | None:
        """Where the rows are to go."""
        return self.offices.get(self.cleaned_data.get("target", ""))


def read_row(text: str) -> Row | None:
    """Return a row of the preview as it was drawn (id, who had it, status); None for anything else."""
    try:
        public_id, held_by, status = text.split(".")
        assignee = int(held_by)
        row = Row(UUID(public_id), assignee or None, status)
    except ValueError:
        return None
    return row if status in ComplaintStatus.values and assignee >= 0 else None


class ViewForm(HouseForm):
    """The name of a saved view, and whether the office shares it."""

    name = forms.CharField(label=_("Nama tampilan"), max_length=LONGEST_VIEW_NAME)
    shared = forms.BooleanField(label=_("Bagikan ke rekan sekantor"), required=False)
