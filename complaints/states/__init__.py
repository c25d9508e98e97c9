"""The declared tables of this app: what may happen to a complaint, a case and what belongs to them.

Perbawaslu 7/2022 (PB7). A *complaint* here is any intake record: a tip (informasi awal, B.8), a
report (laporan, B.1) whose reporter's identity lies in the vault, or an officer's finding (temuan,
B.2).
"""

from complaints.states.case import (
    CASE_DECISIONS,
    CASE_LIFECYCLE,
    OPEN_CASE_STATUSES,
    CaseAction,
    CaseStatus,
)
from complaints.states.documents import (
    DOCUMENT_LIFECYCLE,
    OPEN_DOCUMENT_STATUSES,
    DocumentAction,
    DocumentStatus,
)
from complaints.states.evidence import (
    EVIDENCE_LIFECYCLE,
    EvidenceAction,
    EvidenceStatus,
)
from complaints.states.intake import (
    FINDING_LIFECYCLE,
    LANE_ORDER,
    LIFECYCLES,
    OPEN_COMPLAINT_STATUSES,
    PROPOSED_BY,
    REPORT_LANES,
    REPORT_LIFECYCLE,
    REPORT_PROPOSED_BY,
    TIP_LIFECYCLE,
    UNDER_REVIEW,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Milestone,
    RefusalGround,
    TakeoverGround,
)
from complaints.states.likeness import (
    LIKENESS_LIFECYCLE,
    LikenessAction,
    LikenessStatus,
)
from complaints.states.people import (
    OFFICERS,
    PLENARY,
    STAFF,
)
from complaints.states.procedure import (
    CORRECTION_LIFECYCLE,
    HEARING_LIFECYCLE,
    CorrectionAction,
    CorrectionStatus,
    HearingAction,
    HearingStatus,
)
from complaints.states.proposals import (
    PROPOSAL_LIFECYCLE,
    ProposalAction,
    ProposalStatus,
)
from complaints.states.requirements import (
    FORMAL_REQUIREMENTS,
    MATERIAL_REQUIREMENTS,
    Requirement,
    requirements_of,
)
from complaints.states.unsealing import (
    UNSEAL_LIFECYCLE,
    DenialReason,
    UnsealAction,
    UnsealPurpose,
    UnsealStatus,
)

__all__ = [
    "CASE_DECISIONS",
    "CASE_LIFECYCLE",
    "CORRECTION_LIFECYCLE",
    "DOCUMENT_LIFECYCLE",
    "EVIDENCE_LIFECYCLE",
    "FINDING_LIFECYCLE",
    "FORMAL_REQUIREMENTS",
    "HEARING_LIFECYCLE",
    "LANE_ORDER",
    "LIFECYCLES",
    "LIKENESS_LIFECYCLE",
    "MATERIAL_REQUIREMENTS",
    "OFFICERS",
    "OPEN_CASE_STATUSES",
    "OPEN_COMPLAINT_STATUSES",
    "OPEN_DOCUMENT_STATUSES",
    "PLENARY",
    "PROPOSAL_LIFECYCLE",
    "PROPOSED_BY",
    "REPORT_LANES",
    "REPORT_LIFECYCLE",
    "REPORT_PROPOSED_BY",
    "STAFF",
    "TIP_LIFECYCLE",
    "UNDER_REVIEW",
    "UNSEAL_LIFECYCLE",
    "CaseAction",
    "CaseStatus",
    "ComplaintAction",
    "ComplaintStatus",
    "CorrectionAction",
    "CorrectionStatus",
    "DenialReason",
    "DocumentAction",
    "DocumentStatus",
    "EvidenceAction",
    "EvidenceStatus",
    "HearingAction",
    "HearingStatus",
    "Lane",
    "LikenessAction",
    "LikenessStatus",
    "Milestone",
    "ProposalAction",
    "ProposalStatus",
    "RefusalGround",
    "Requirement",
    "TakeoverGround",
    "UnsealAction",
    "UnsealPurpose",
    "UnsealStatus",
    "requirements_of",
]
