"""Which rows of this app's tables the database shows to whom (ADR 0050).

Referral and follow-up keep their case's office, so an officer's sight of them asks no other table. A
recipient's case hangs on its referral, and an agency's referral on its follow-up.
"""

from typing import Final

from bawaslu_cases.shared.row_policies import ALL, NONE, RowSight, hangs_on, of_office, own
from bawaslu_cases.shared.row_scopes import Sight

REFERRAL: Final = "referrals_referral"
FOLLOW_UP: Final = "referrals_followup"
_OFFICERS_OWN: Final = {"recipient": NONE, "agency": NONE, "reporter": NONE}


def _with(table: str, column: str, parent: str) -> RowSight:
    above = hangs_on(parent, f"{table}.{column}")
    return RowSight(office=above, recipient=above, agency=above, reporter=NONE)


_NAMED: Final = {
    REFERRAL: RowSight(
        office=of_office("office_id"),
        recipient=own(Sight.RECIPIENT, "recipient_id"),
        agency=f"EXISTS (SELECT 1 FROM {FOLLOW_UP} below WHERE below.referral_id = {REFERRAL}.id)",
        reporter=NONE,
    ),
    FOLLOW_UP: RowSight(
        office=of_office("office_id"),
        recipient=hangs_on(REFERRAL, f"{FOLLOW_UP}.referral_id"),
        agency=own(Sight.AGENCY, "agency_id"),
        reporter=NONE,
    ),
    "referrals_subjectrequest": RowSight(office=of_office("office_id"), **_OFFICERS_OWN),
}
"""Tables that name an office, a recipient body or an agency."""

_SHOWN_WITH: Final = {
    f"referrals_{table}": _with(f"referrals_{table}", column, parent)
    for table, column, parent in (
        ("letter", "referral_id", REFERRAL),
        ("referralversion", "referral_id", REFERRAL),
        ("referralitem", "referral_id", REFERRAL),
        ("packet", "referral_id", REFERRAL),
        ("packetapproval", "referral_id", REFERRAL),
        ("missingitem", "referral_id", REFERRAL),
        ("missingitemanswer", "item_id", "referrals_missingitem"),
        ("reviewquestion", "referral_id", REFERRAL),
        ("reviewreply", "question_id", "referrals_reviewquestion"),
        ("recommendationdraft", "referral_id", REFERRAL),
        ("ppkpass", "follow_up_id", FOLLOW_UP),
        ("followupanswer", "follow_up_id", FOLLOW_UP),
        ("ledgerentry", "follow_up_id", FOLLOW_UP),
        ("caseexport", "case_id", "complaints_case"),
    )
}
"""Tables that are shown with the referral, follow-up or case they hang on, row by row."""

_OPEN_WITHIN: Final = {
    f"referrals_{table}": RowSight(ALL, reporter=NONE)
    for table in (
        "delivery",
        "dispatch",
        "dispatchevent",
        "escalationletter",
        "escalationstep",
        "followupevent",
        "handover",
        "ladder",
        "ladderhold",
        "ppkpassuse",
        "receivedanswer",
        "recommendationsignature",
        "referralattachment",
        "referraldeadline",
        "referralevent",
    )
} | {
    f"referrals_{table}": RowSight(office=ALL, **_OFFICERS_OWN)
    for table in ("subjectrequest_officials", "subjectrequestevent")
}
"""Tables that hang on a referral or request and are read together with it: closed to who has no sight."""

ROW_SIGHT: Final = _OPEN_WITHIN | _SHOWN_WITH | _NAMED
