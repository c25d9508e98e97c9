"""What the API gives out of records, cases and deadlines. Every field is named.

Why each may leave stands in tests/complaints/api/fields.csv; the selectors (selectors/api_records.py)
fetch nothing else.
"""

from rest_framework import serializers

from bawaslu_cases.shared.api_pages import PageOut


class OfficialOut(serializers.Serializer[dict[str, object]]):
    """A reported person, as far as known."""

    id = serializers.UUIDField()
    name = serializers.CharField(help_text="May be empty.")
    position = serializers.CharField(help_text="May be empty.")
    unit = serializers.CharField(help_text="May be empty.")
    unit_kind = serializers.CharField(help_text="As in the registry: GENERAL, DISTRICT, …")
    agency = serializers.CharField(allow_null=True, help_text="Code, see /agencies.")
    employment = serializers.CharField(help_text="PNS, PPPK, PPNPN, NON_ASN or UNKNOWN.")


class ComplaintOut(serializers.Serializer[dict[str, object]]):
    """A report of lane `open` or a finding. Nothing of its reporter."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    lane = serializers.CharField(help_text="open or finding.")
    status = serializers.CharField()
    status_on = serializers.DateField(help_text="Day since which the status holds.")
    office = serializers.CharField(help_text="Code of the office that handles it, see /offices.")
    region = serializers.CharField(help_text="Code of the region, see /regions.")
    contest = serializers.CharField(allow_null=True, help_text="Code, see /contests.")
    title = serializers.CharField(help_text="What happened; names nobody.")
    acts = serializers.ListField(child=serializers.CharField(), help_text="Codes of acts.")
    event_on = serializers.DateField(allow_null=True)
    event_precision = serializers.CharField(help_text="day, month or unknown.")
    received_on = serializers.DateField()
    place = serializers.CharField(help_text="May be empty.")
    platform = serializers.CharField(help_text="Social medium, may be empty.")
    due_on = serializers.DateField(allow_null=True, help_text="Earliest running deadline.")
    case = serializers.UUIDField(allow_null=True, help_text="The case it led to.")
    officials = OfficialOut(many=True)


class AllegationOut(serializers.Serializer[dict[str, object]]):
    """What one official is said to have done on one day."""

    id = serializers.UUIDField()
    official = OfficialOut()
    acts = serializers.ListField(child=serializers.CharField())
    event_on = serializers.DateField()
    place = serializers.CharField()


class CaseOut(serializers.Serializer[dict[str, object]]):
    """A case. It names its reports of lane `open` and its findings, no others."""

    id = serializers.UUIDField()
    register_number = serializers.CharField(
        allow_null=True, help_text="Null where a report was sent straight on, without a register."
    )
    status = serializers.CharField()
    status_on = serializers.DateField()
    office = serializers.CharField()
    contest = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    summary = serializers.CharField(help_text="The officer's neutral account, may be empty.")
    registered_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True)
    decision = serializers.CharField(help_text="The plenary's latest decision, may be empty.")
    complaints = serializers.ListField(child=serializers.UUIDField())
    allegations = AllegationOut(many=True)


class DeadlineOut(serializers.Serializer[dict[str, object]]):
    """A statutory deadline of a record or of a case."""

    id = serializers.UUIDField()
    complaint = serializers.UUIDField(allow_null=True)
    case = serializers.UUIDField(allow_null=True)
    kind = serializers.CharField()
    limit = serializers.CharField(help_text="Code of the time limit it rests on.")
    status = serializers.CharField(help_text="open, met, cancelled or lapsed.")
    starts_on = serializers.DateField()
    due_on = serializers.DateField()
    due_at = serializers.DateTimeField(help_text="End of that day where the office is.")
    ended_on = serializers.DateField(allow_null=True)
    time_zone = serializers.CharField()


class ComplaintsOut(PageOut):
    """A page of records."""

    items = ComplaintOut(many=True)


class CasesOut(PageOut):
    """A page of cases."""

    items = CaseOut(many=True)


class DeadlinesOut(PageOut):
    """A page of deadlines."""

    items = DeadlineOut(many=True)
