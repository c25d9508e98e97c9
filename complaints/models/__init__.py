"""The tables of this app."""

from complaints.models.capture import CaptureMinutes, LinkCapture
from complaints.models.case import Allegation, Case, CaseComplaint, CaseEvent
from complaints.models.case_link import CaseLink
from complaints.models.change import ChangeFeed, RecordChange, RecordKind
from complaints.models.complaint import Complaint, ComplaintEvent, ComplaintMilestone, Statement
from complaints.models.conflict import CaseStatement, ConflictDeclaration, RoutingAlarm
from complaints.models.copy_order import CopyOrder
from complaints.models.correction import CorrectionEvent, CorrectionRequest
from complaints.models.deadline import Deadline, StatutoryDeadline
from complaints.models.desk import ComplaintTag, ReadMark, SavedView, Tag
from complaints.models.document import CaseDocument, DocumentEvent, SubmissionNumber
from complaints.models.evidence import (
    CleanerJob,
    Derivative,
    DerivativeFile,
    Evidence,
    EvidenceEvent,
    EvidenceLink,
    OriginalOpening,
    Upload,
    UploadPart,
)
from complaints.models.evidence_alarm import EvidenceAlarm
from complaints.models.hearing import Hearing, HearingEvent, Invitation
from complaints.models.identity import (
    Attestation,
    IdentityCard,
    OrphanedWraps,
    ParkedWraps,
    SealedIdentity,
    SeenRevocations,
    ShareRelease,
    UnsealEvent,
    UnsealRequest,
    VerificationTurn,
    VisitCode,
    WrapsSweep,
)
from complaints.models.imported import ImportedRecord
from complaints.models.legacy import (
    LegacyCase,
    LegacyColumns,
    LegacyImport,
    LegacyProblem,
    LegacyRecusal,
)
from complaints.models.letter_template import LetterStep, LetterTemplate
from complaints.models.matching import ClusterMember, Likeness, LikenessEvent, MatchKey
from complaints.models.message import HandoverConsent, Message, RepairRequest
from complaints.models.note import InternalNote
from complaints.models.office_change import OfficeChange
from complaints.models.official import ComplaintOfficial, Official, PersonRefusal
from complaints.models.person import ReportedPerson
from complaints.models.plenary import PlenaryDecision, PlenaryVote
from complaints.models.proposal import StepProposal, StepProposalEvent
from complaints.models.receipt import Receipt, ReporterSession, SavedDraft
from complaints.models.reminder import Reminder
from complaints.models.requirement import RequirementCheck
from complaints.models.supervision import SupervisionReport
from complaints.models.viewing import EvidenceViewing
from complaints.models.work import Recusal, WorkAction, WorkEvent

__all__ = [
    "Allegation",
    "Attestation",
    "CaptureMinutes",
    "Case",
    "CaseComplaint",
    "CaseDocument",
    "CaseEvent",
    "CaseLink",
    "CaseStatement",
    "ChangeFeed",
    "CleanerJob",
    "ClusterMember",
    "Complaint",
    "ComplaintEvent",
    "ComplaintMilestone",
    "ComplaintOfficial",
    "ComplaintTag",
    "ConflictDeclaration",
    "CopyOrder",
    "CorrectionEvent",
    "CorrectionRequest",
    "Deadline",
    "Derivative",
    "DerivativeFile",
    "DocumentEvent",
    "Evidence",
    "EvidenceAlarm",
    "EvidenceEvent",
    "EvidenceLink",
    "EvidenceViewing",
    "HandoverConsent",
    "Hearing",
    "HearingEvent",
    "IdentityCard",
    "ImportedRecord",
    "InternalNote",
    "Invitation",
    "LegacyCase",
    "LegacyColumns",
    "LegacyImport",
    "LegacyProblem",
    "LegacyRecusal",
    "LetterStep",
    "LetterTemplate",
    "Likeness",
    "LikenessEvent",
    "LinkCapture",
    "MatchKey",
    "Message",
    "OfficeChange",
    "Official",
    "OriginalOpening",
    "OrphanedWraps",
    "ParkedWraps",
    "PersonRefusal",
    "PlenaryDecision",
    "PlenaryVote",
    "ReadMark",
    "Receipt",
    "RecordChange",
    "RecordKind",
    "Recusal",
    "Reminder",
    "RepairRequest",
    "ReportedPerson",
    "ReporterSession",
    "RequirementCheck",
    "RoutingAlarm",
    "SavedDraft",
    "SavedView",
    "SealedIdentity",
    "SeenRevocations",
    "ShareRelease",
    "Statement",
    "StatutoryDeadline",
    "StepProposal",
    "StepProposalEvent",
    "SubmissionNumber",
    "SupervisionReport",
    "Tag",
    "UnsealEvent",
    "UnsealRequest",
    "Upload",
    "UploadPart",
    "VerificationTurn",
    "VisitCode",
    "WorkAction",
    "WorkEvent",
    "WrapsSweep",
]
