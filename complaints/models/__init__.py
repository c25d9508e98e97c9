"""The tables of this app."""

from complaints.models.capture import CaptureMinutes, LinkCapture
from complaints.models.case import Allegation, Case, CaseComplaint, CaseEvent
from complaints.models.complaint import Complaint, ComplaintEvent, ComplaintMilestone, Statement
from complaints.models.deadline import Deadline, StatutoryDeadline
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
from complaints.models.identity import (
    Attestation,
    ParkedWraps,
    SealedIdentity,
    SeenRevocations,
    ShareRelease,
    UnsealEvent,
    UnsealRequest,
)
from complaints.models.imported import ImportedRecord
from complaints.models.matching import ClusterMember, Likeness, LikenessEvent, MatchKey
from complaints.models.message import HandoverConsent, Message, RepairRequest
from complaints.models.official import ComplaintOfficial, Official
from complaints.models.plenary import PlenaryDecision
from complaints.models.receipt import Receipt, ReporterSession, SavedDraft
from complaints.models.requirement import RequirementCheck

__all__ = [
    "Allegation",
    "Attestation",
    "CaptureMinutes",
    "Case",
    "CaseComplaint",
    "CaseEvent",
    "CleanerJob",
    "ClusterMember",
    "Complaint",
    "ComplaintEvent",
    "ComplaintMilestone",
    "ComplaintOfficial",
    "Deadline",
    "Derivative",
    "DerivativeFile",
    "Evidence",
    "EvidenceAlarm",
    "EvidenceEvent",
    "EvidenceLink",
    "HandoverConsent",
    "ImportedRecord",
    "Likeness",
    "LikenessEvent",
    "LinkCapture",
    "MatchKey",
    "Message",
    "Official",
    "OriginalOpening",
    "ParkedWraps",
    "PlenaryDecision",
    "Receipt",
    "RepairRequest",
    "ReporterSession",
    "RequirementCheck",
    "SavedDraft",
    "SealedIdentity",
    "SeenRevocations",
    "ShareRelease",
    "Statement",
    "StatutoryDeadline",
    "UnsealEvent",
    "UnsealRequest",
    "Upload",
    "UploadPart",
]
