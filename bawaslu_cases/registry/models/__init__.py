"""Every table of the registry."""

from bawaslu_cases.registry.models.act import ActAlias, ActGroup, ActKind, ActRule
from bawaslu_cases.registry.models.agency import Agency, AgencyKind, PpkRule, PpkTarget, UnitKind
from bawaslu_cases.registry.models.change import (
    ChangeTable,
    RegistryChange,
    RegistryChangeEvent,
)
from bawaslu_cases.registry.models.contest import (
    Contest,
    ContestPhase,
    ElectionCode,
    PhaseKind,
    Regime,
)
from bawaslu_cases.registry.models.data_load import DataLoad
from bawaslu_cases.registry.models.dated import Confidence
from bawaslu_cases.registry.models.guide import (
    GuideCase,
    GuideCircumstance,
    GuideObject,
    GuideQuestion,
    GuideSituation,
    Verdict,
)
from bawaslu_cases.registry.models.holiday import CalendarVersion, Holiday, HolidayCategory
from bawaslu_cases.registry.models.office import LevelCode, Office, OfficeLevel
from bawaslu_cases.registry.models.position_hint import HintField, PositionHint
from bawaslu_cases.registry.models.recipient import RecipientBody, RecipientKind
from bawaslu_cases.registry.models.region import (
    Region,
    RegionAlias,
    RegionAliasKind,
    RegionKind,
    TimeZone,
)
from bawaslu_cases.registry.models.time_limit import LimitUnit, TimeLimit
from bawaslu_cases.registry.models.violation import (
    Category,
    Employment,
    SanctionClass,
    SanctionType,
    Stage,
    ViolationRule,
)

__all__ = [
    "ActAlias",
    "ActGroup",
    "ActKind",
    "ActRule",
    "Agency",
    "AgencyKind",
    "CalendarVersion",
    "Category",
    "ChangeTable",
    "Confidence",
    "Contest",
    "ContestPhase",
    "DataLoad",
    "ElectionCode",
    "Employment",
    "GuideCase",
    "GuideCircumstance",
    "GuideObject",
    "GuideQuestion",
    "GuideSituation",
    "HintField",
    "Holiday",
    "HolidayCategory",
    "LevelCode",
    "LimitUnit",
    "Office",
    "OfficeLevel",
    "PhaseKind",
    "PositionHint",
    "PpkRule",
    "PpkTarget",
    "RecipientBody",
    "RecipientKind",
    "Regime",
    "Region",
    "RegionAlias",
    "RegionAliasKind",
    "RegionKind",
    "RegistryChange",
    "RegistryChangeEvent",
    "SanctionClass",
    "SanctionType",
    "Stage",
    "TimeLimit",
    "TimeZone",
    "UnitKind",
    "Verdict",
    "ViolationRule",
]
