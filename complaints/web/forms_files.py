"""The field that brings files. What it brings never reaches the form: it is sealed on the way in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.forms import ReporterForm
from complaints.services.file_refusals import refusal_words


class FilesInput(forms.FileInput):
    """One input for several files (sealing_handler takes them, or uploads.js)."""

    allow_multiple_selected = True


def files_field() -> forms.FileField:
    """Return the field; a form that orders its fields names it itself."""
    return forms.FileField(
        label=_("Foto, rekaman, atau dokumen"),
        help_text=_(
            "Foto sampai 15 MB, PDF 20 MB, rekaman suara 50 MB, video 200 MB. Boleh beberapa sekaligus"
        ),
        widget=FilesInput({"accept": "image/*,video/*,audio/*,application/pdf,text/plain"}),
        required=False,
    )


class BringsFilesForm(ReporterForm):
    """A form with that field. ``not_taken`` are name and code of files that were refused."""

    upload = files_field()

    def __init__(self, *args: Any, not_taken: Sequence[Sequence[str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._not_taken = not_taken

    def clean(self) -> dict[str, Any]:
        """Say of each file that was not taken why, and what to do."""
        for name, code in self._not_taken:
            self.add_error("upload", f"{name}: {refusal_words(code)}")
        return super().clean() or {}
