"""Which rows of this app's tables the database shows to whom (ADR 0050).

Records and cases name their office. What is secret and hangs on one is shown with it; other tables that hang
on one are closed to whoever has no sight at all, and read together with their record.
"""

from typing import Final

from bawaslu_cases.shared.row_policies import (
    ALL,
    NONE,
    RowSight,
    either,
    hangs_on,
    of_office,
    own,
)
from bawaslu_cases.shared.row_scopes import Sight

COMPLAINT: Final = "complaints_complaint"
CASE: Final = "complaints_case"
EVIDENCE: Final = "complaints_evidence"
DERIVATIVE: Final = "complaints_derivative"
_OF_RECORD: Final = own(Sight.REPORTER, "complaint_id")
_IN_A_REFERRED_CASE: Final = (
    "EXISTS (SELECT 1 FROM complaints_casecomplaint link JOIN complaints_case above"
    f" ON above.id = link.case_id WHERE link.complaint_id = {COMPLAINT}.id)"
)
_REFERRED: Final = (
    f"EXISTS (SELECT 1 FROM referrals_referral above WHERE above.case_id = {CASE}.id)"
)
_OF_A_RECORD_IN_SIGHT: Final = (
    f"EXISTS (SELECT 1 FROM complaints_casecomplaint link JOIN {COMPLAINT} above"
    f" ON above.id = link.complaint_id WHERE link.case_id = {CASE}.id)"
)


def _with(table: str, *links: tuple[str, str], reporter: str = "", outside: str = "") -> RowSight:
    """Return that a row is shown with what one of its columns names; ``outside`` is for other bodies."""
    above = either(*(hangs_on(parent, f"{table}.{column}") for column, parent in links))
    return RowSight(
        office=above,
        recipient=outside or above,
        agency=outside or above,
        reporter=reporter or above,
    )


def _inside(table: str, *links: tuple[str, str], reporter: str = "") -> RowSight:
    """Return the same for what no other body reads."""
    return _with(table, *links, reporter=reporter, outside=NONE)


def _kept(office: str) -> RowSight:
    """Return a rule for what officers alone keep."""
    return RowSight(office=office, recipient=NONE, agency=NONE, reporter=NONE)


_NAMED: Final = {
    COMPLAINT: RowSight(
        office=of_office("office_id"),
        recipient=_IN_A_REFERRED_CASE,
        agency=_IN_A_REFERRED_CASE,
        reporter=either(own(Sight.REPORTER, "id"), own(Sight.REPORTER, "traced_from_id")),
    ),
    CASE: RowSight(
        office=of_office("office_id"),
        recipient=_REFERRED,
        agency=_REFERRED,
        reporter=_OF_A_RECORD_IN_SIGHT,
    ),
    "complaints_evidenceviewing": _kept(of_office("office_id")),
    "complaints_legacycase": _kept(of_office("office_id")),
    "complaints_legacycolumns": _kept(of_office("office_id")),
    "complaints_legacyimport": _kept(of_office("office_id")),
    "complaints_lettertemplate": _kept(of_office("office_id")),
    "complaints_officechange": RowSight(
        of_office("source_id", "target_id"), NONE, NONE, _OF_RECORD
    ),
    "complaints_recordchange": _kept(of_office("office_id")),
    "complaints_routingalarm": RowSight(
        of_office("office_id", "target_id"), NONE, NONE, _OF_RECORD
    ),
    "complaints_savedview": _kept(either("office_id IS NULL", of_office("office_id"))),
    "complaints_tag": _kept(of_office("office_id")),
}
"""Tables that name an office."""

_SHOWN_WITH: Final = {
    f"complaints_{table}": rule
    for table, rule in {
        "statement": _inside(
            "complaints_statement", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "sealedidentity": _inside(
            "complaints_sealedidentity", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        # Offices never see a code: who types one finds its row beyond anybody's sight.
        "visitcode": RowSight(office=NONE, recipient=NONE, agency=NONE, reporter=_OF_RECORD),
        "identitycard": _inside(
            "complaints_identitycard", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "message": _inside("complaints_message", ("complaint_id", COMPLAINT), reporter=_OF_RECORD),
        "repairrequest": _inside(
            "complaints_repairrequest", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "handoverconsent": _inside(
            "complaints_handoverconsent", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "unsealrequest": _inside(
            "complaints_unsealrequest", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "verificationturn": _inside(
            "complaints_verificationturn", ("complaint_id", COMPLAINT), reporter=NONE
        ),
        "supervisionreport": _inside(
            "complaints_supervisionreport", ("complaint_id", COMPLAINT), reporter=NONE
        ),
        "sharerelease": _inside(
            "complaints_sharerelease", ("request_id", "complaints_unsealrequest")
        ),
        "attestation": _inside(
            "complaints_attestation", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "internalnote": _inside(
            "complaints_internalnote", ("complaint_id", COMPLAINT), ("case_id", CASE), reporter=NONE
        ),
        "casedocument": _with(
            "complaints_casedocument", ("complaint_id", COMPLAINT), ("case_id", CASE)
        ),
        "stepproposal": _inside(
            "complaints_stepproposal", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "correctionrequest": _with("complaints_correctionrequest", ("case_id", CASE)),
        "hearing": _with("complaints_hearing", ("case_id", CASE)),
        "invitation": _with("complaints_invitation", ("hearing_id", "complaints_hearing")),
        "plenarydecision": _with(
            "complaints_plenarydecision",
            ("complaint_id", COMPLAINT),
            ("case_id", CASE),
            ("correction_id", "complaints_correctionrequest"),
        ),
        "evidence": _with(EVIDENCE, ("complaint_id", COMPLAINT), reporter=_OF_RECORD),
        "evidencelink": _with(
            "complaints_evidencelink", ("complaint_id", COMPLAINT), reporter=_OF_RECORD
        ),
        "linkcapture": _with("complaints_linkcapture", ("evidence_id", EVIDENCE)),
        "derivative": _with(DERIVATIVE, ("evidence_id", EVIDENCE)),
        "derivativefile": _with("complaints_derivativefile", ("derivative_id", DERIVATIVE)),
        "cleanerjob": _with("complaints_cleanerjob", ("evidence_id", EVIDENCE)),
        "originalopening": _inside("complaints_originalopening", ("evidence_id", EVIDENCE)),
    }.items()
}
"""Tables that are shown with the record or case they hang on, row by row."""

_OF_ONE_RECORD: Final = (
    "clustermember",
    "complaintevent",
    "complaintmilestone",
    "complaintofficial",
    "complainttag",
    "importedrecord",
    "matchkey",
    "readmark",
    "requirementcheck",
    "submissionnumber",
)
_OPEN_WITHIN: Final = {
    f"complaints_{table}": RowSight(ALL, reporter=_OF_RECORD) for table in _OF_ONE_RECORD
} | {
    f"complaints_{table}": RowSight(ALL)
    for table in (
        "allegation",
        "captureminutes",
        "casecomplaint",
        "caseevent",
        "caselink",
        "casestatement",
        "copyorder",
        "correctionevent",
        "deadline",
        "documentevent",
        "evidencealarm",
        "evidenceevent",
        "hearingevent",
        "legacyproblem",
        "legacyrecusal",
        "likeness",
        "likenessevent",
        "plenaryvote",
        "recusal",
        "stepproposalevent",
        "unsealevent",
        "workevent",
    )
}
"""Tables that hang on a record or case and are read together with it: closed to who has no sight."""

ROW_SIGHT: Final = _OPEN_WITHIN | _SHOWN_WITH | _NAMED
