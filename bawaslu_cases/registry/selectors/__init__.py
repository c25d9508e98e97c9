"""Look-ups: which region, office, PPK, recipient, contest, rule, limit and calendar on which day."""

from bawaslu_cases.registry.selectors.agencies import (
    PpkDesignation,
    agencies_by_name,
    agencies_on,
    authority_above,
    folded,
    ppk_for,
    ppk_rules,
    recipient_bodies,
    recipient_on,
)
from bawaslu_cases.registry.selectors.calendar import (
    calendar_at_hand,
    time_limit,
    working_calendar,
)
from bawaslu_cases.registry.selectors.elections import (
    contest_for,
    determination_before,
    is_after_determination,
    phase_on,
    stage_on,
)
from bawaslu_cases.registry.selectors.people import employment_of, position_hint
from bawaslu_cases.registry.selectors.places import (
    office_for,
    offices_under,
    province_office,
    provinces_with_regencies,
    region_named,
)
from bawaslu_cases.registry.selectors.rules import (
    Deed,
    RuleProposal,
    act_named,
    acts_by_code,
    intake_acts,
    paired_rules,
    rules_in_force,
    sanction_types,
    types_in_force,
    violation_rule_for,
    violation_rules_for,
)

__all__ = [
    "Deed",
    "PpkDesignation",
    "RuleProposal",
    "act_named",
    "acts_by_code",
    "agencies_by_name",
    "agencies_on",
    "authority_above",
    "calendar_at_hand",
    "contest_for",
    "determination_before",
    "employment_of",
    "folded",
    "intake_acts",
    "is_after_determination",
    "office_for",
    "offices_under",
    "paired_rules",
    "phase_on",
    "position_hint",
    "ppk_for",
    "ppk_rules",
    "province_office",
    "provinces_with_regencies",
    "recipient_bodies",
    "recipient_on",
    "region_named",
    "rules_in_force",
    "sanction_types",
    "stage_on",
    "time_limit",
    "types_in_force",
    "violation_rule_for",
    "violation_rules_for",
    "working_calendar",
]
