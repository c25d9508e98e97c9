"""Everything a paper of the procedure can say, name by name: the only place where papers get words.

Built from an allow-list (``rules/document_forms.py``): structured facts, what officers wrote neutrally,
and what the plenary decided. Nothing here reads a statement, a message, a receipt or the vault, so a
reporter is a code in every form, whatever the official template asks (security/protection.md 0.9).
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.models import OfficeLevel, Regime
from complaints.rules.document_forms import DocumentForm, Subject
from complaints.rules.election_law import election_law_bases
from complaints.selectors.document_fields_case import CASE_FIELDS
from complaints.selectors.document_fields_record import RECORD_FIELDS
from complaints.selectors.document_source import (
    Field,
    Source,
    correction_of,
    hearing_of,
    in_indonesian,
)
from complaints.states import REPORT_LANES


def _bases(source: Source) -> list[str]:
    return election_law_bases(source.contest.regime if source.contest else "", on=source.on)


FIELDS: Mapping[str, Field] = {
    **RECORD_FIELDS,
    **CASE_FIELDS,
    "bases": (_("dasar hukum"), _bases),
}
"""A paper says what its form lists of these, and nothing else."""


def document_data(*, form: DocumentForm, source: Source, addressee: str = "") -> dict[str, Any]:
    """Return everything a paper will say but its number and day. A few queries, by form.

    ``word`` is what the election is called, ``recipient`` who the letter goes to, ``reporting`` whether
    it rests on a report or a finding (never told on a public paper).
    """
    pilkada = source.contest is not None and source.contest.regime == Regime.PILKADA
    office = source.office
    told = {name: FIELDS[name][1](source) for name in form.fields}
    if not form.is_public:
        told["reporting"] = (
            "Laporan" if any(row.lane in REPORT_LANES for row in source.complaints) else "Temuan"
        )
    return told | {
        "code": form.code,
        "title": in_indonesian(form.title),
        "office": office.name,
        "place": office.region.short_name if office.region else "Jakarta",
        "word": "Pemilihan" if pilkada else "Pemilu",
        "regency": office.level == OfficeLevel.REGENCY,
        "recipient": addressee,
    }


def missing_fields(form: DocumentForm, data: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that a paper needs and does not have, in the form's order."""
    lacking = [name for name in form.fields if name not in form.optional and not data[name]]
    return lacking + (["recipient"] if form.addressees and not data["recipient"] else [])


def field_labels(names: list[str]) -> str:
    """Return the fields as a person calls them, in the reader's language."""
    labels = {name: label for name, (label, _maker) in FIELDS.items()}
    labels["recipient"] = _("alamat tujuan")
    return ", ".join(str(labels.get(name, name)) for name in names)


def can_be_made(*, form: DocumentForm, source: Source) -> bool:
    """Say whether this form's paper may be made of what is there now. At most two queries."""
    status = _status(form, source)
    return (
        status in {state.value for state in form.states}
        and _is_of_its_kind(form, source)
        and (not form.after or source.event(*form.after) is not None)
        and (form.decision is None or form.decision in _decided(source))
    )


def _status(form: DocumentForm, source: Source) -> str:
    if form.subject in {Subject.HEARING, Subject.INVITATION}:
        return hearing_of(source).status
    if form.subject == Subject.CORRECTION:
        return correction_of(source).status
    return source.file.status


def _is_of_its_kind(form: DocumentForm, source: Source) -> bool:
    if form.capacities and hearing_of(source).capacity not in form.capacities:
        return False
    if form.direction and (source.change is None or source.change.direction != form.direction):
        return False
    return source.complaint is None or source.complaint.lane in form.lanes


def _decided(source: Source) -> list[str]:
    held = source.decision
    return [] if held is None else [held.outcome, *held.also]
