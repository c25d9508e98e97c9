"""What the API gives out of referrals and follow-ups. Every field is named.

Why each may leave stands in tests/complaints/api/fields.csv.
"""

from rest_framework import serializers

from bawaslu_cases.shared.api_pages import PageOut
from complaints.api.records import OfficialOut


class LineOut(serializers.Serializer[dict[str, object]]):
    """What is recommended for one allegation in the newest version."""

    allegation = serializers.UUIDField()
    official = serializers.UUIDField()
    rule = serializers.CharField(help_text="Code, see /violation-rules.")
    sanction_class = serializers.CharField()
    legal_bases = serializers.ListField(child=serializers.CharField())
    agency = serializers.CharField(help_text="Code, see /agencies.")
    is_departure = serializers.BooleanField(help_text="An officer departed from the rules.")


class ReferralOut(serializers.Serializer[dict[str, object]]):
    """A referral of one case to one recipient body."""

    id = serializers.UUIDField()
    case = serializers.UUIDField()
    recipient = serializers.CharField(help_text="Code: BKN, KASN, …")
    number = serializers.CharField(allow_null=True, help_text="Null until the letter is issued.")
    version = serializers.IntegerField()
    status = serializers.CharField()
    status_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True)
    summary = serializers.CharField()
    lines = LineOut(many=True)


class FollowUpOut(serializers.Serializer[dict[str, object]]):
    """What one agency does about one official."""

    id = serializers.UUIDField()
    referral = serializers.UUIDField()
    official = OfficialOut()
    agency = serializers.CharField(help_text="Code, see /agencies.")
    ppk_title = serializers.CharField()
    recommended_class = serializers.CharField()
    recommended_on = serializers.DateField()
    status = serializers.CharField()
    status_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True)
    imposed = serializers.CharField(allow_null=True, help_text="Code, see /sanctions.")
    gap = serializers.CharField(help_text="How far from the recommendation; may be empty.")


class ReferralsOut(PageOut):
    """A page of referrals."""

    items = ReferralOut(many=True)


class FollowUpsOut(PageOut):
    """A page of follow-ups."""

    items = FollowUpOut(many=True)
