"""Which administrative remedy is open against which sanction, and within how many days (PP 79/2021).

*Keberatan* goes to the superior against every sanction but dismissal; *banding administratif* to BPASN
against dismissal and the end of a PPPK's contract. The days are rows of the registry (TimeLimit).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bawaslu_cases.registry.models import SanctionClass, SanctionType
from referrals.states import Remedy

# Ends of service that are no dismissal without honour (PP 94/2021 ps 8 (4) c; PP 49/2018 ps 53).
DISMISSING_TYPES = frozenset({"PDHTAPS", "PHK", "PHK_TH", "PTDH"})


@dataclass(frozen=True)
class RemedyLimits:
    """The codes of the registry's limits: to file, to answer (BPASN alone), to decide."""

    to_file: str
    to_decide: str
    to_respond: str = ""


LIMITS: Mapping[Remedy, RemedyLimits] = {
    Remedy.OBJECTION: RemedyLimits("file_objection", "appeal_objection"),
    Remedy.APPEAL: RemedyLimits("file_bpasn", "appeal_bpasn", "respond_bpasn"),
}


def remedy_against(sanction: SanctionType) -> Remedy:
    """Return the remedy that is open against the sanction."""
    dismisses = (
        sanction.sanction_class == SanctionClass.DISMISSAL or sanction.code in DISMISSING_TYPES
    )
    return Remedy.APPEAL if dismisses else Remedy.OBJECTION
