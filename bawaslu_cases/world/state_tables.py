"""The declared tables of every machine as CSV and diagrams: what a lawyer reads, made from what runs."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, NamedTuple

from bawaslu_cases.accounts import states as accounts
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry import states as registry
from bawaslu_cases.shared.state_machine import StateMachine
from complaints import states as complaints
from referrals import states as referrals

COLUMNS = (
    "machine",
    "status",
    "status_label",
    "action",
    "action_label",
    "target",
    "target_label",
    "taken_by",
    "reason",
    "not_by_who_took",
    "article",
)


class Named(NamedTuple):
    """One machine with the name and the words it goes by."""

    name: str
    title: str
    machine: StateMachine[Any, Any]


MACHINES: tuple[Named, ...] = (
    Named("tip", "Informasi awal", complaints.TIP_LIFECYCLE),
    Named("report", "Laporan", complaints.REPORT_LIFECYCLE),
    Named("finding", "Temuan", complaints.FINDING_LIFECYCLE),
    Named("case", "Perkara", complaints.CASE_LIFECYCLE),
    Named("hearing", "Klarifikasi", complaints.HEARING_LIFECYCLE),
    Named("correction", "Koreksi", complaints.CORRECTION_LIFECYCLE),
    Named("document", "Dokumen", complaints.DOCUMENT_LIFECYCLE),
    Named("likeness", "Kemiripan", complaints.LIKENESS_LIFECYCLE),
    Named("step_proposal", "Usulan sistem", complaints.PROPOSAL_LIFECYCLE),
    Named("evidence", "Bukti", complaints.EVIDENCE_LIFECYCLE),
    Named("unseal", "Pembukaan identitas", complaints.UNSEAL_LIFECYCLE),
    Named("staff_change", "Perubahan akun", accounts.STAFF_CHANGE_LIFECYCLE),
    Named("registry_change", "Perubahan acuan", registry.CHANGE_LIFECYCLE),
    Named("referral", "Rujukan", referrals.REFERRAL_LIFECYCLE),
    Named("dispatch", "Pengiriman rujukan", referrals.DISPATCH_LIFECYCLE),
    Named("destination", "Tujuan rujukan", referrals.DESTINATION_LIFECYCLE),
    Named("follow_up", "Tindak lanjut", referrals.FOLLOW_UP_LIFECYCLE),
    Named("subject_request", "Permintaan data diri", referrals.SUBJECT_LIFECYCLE),
)


def rows() -> Iterator[dict[str, str]]:
    """Yield every permitted cell of every machine, in the order of the tables."""
    for name, _title, machine in MACHINES:
        for action, step in machine.table.items():
            for source in sorted(step.sources, key=lambda state: str(state.value)):
                yield {
                    "machine": name,
                    "status": source.value,
                    "status_label": str(source.label),
                    "action": action.value,
                    "action_label": str(action.label),
                    "target": step.target.value,
                    "target_label": str(step.target.label),
                    "taken_by": "; ".join(str(Role(role).label) for role in sorted(step.roles))
                    or "sistem",
                    "reason": "ya" if step.needs_reason else "",
                    "not_by_who_took": step.second_person,
                    "article": step.article,
                }


def as_csv() -> str:
    """Return the whole table as CSV with a header row."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue()


def as_diagrams() -> str:
    """Return one Mermaid state diagram per machine in Markdown."""
    parts = [
        "# State diagrams",
        "",
        "Made by `manage.py state_tables` from the tables that the program runs by; `states.csv` has every",
        "cell with roles, reasons and articles. Do not edit by hand.",
        "",
    ]
    for name, title, machine in MACHINES:
        parts += [f"## {title} (`{name}`)", "", "```mermaid", "stateDiagram-v2"]
        parts.append(f"    [*] --> {machine.initial.value}")
        cells = sorted(
            (source.value, target.value, str(action.label))
            for source, action, target in machine.cells()
        )
        parts += [f"    {source} --> {target}: {label}" for source, target, label in cells]
        parts += ["```", ""]
    return "\n".join(parts)
