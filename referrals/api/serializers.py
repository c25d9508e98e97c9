"""What the API gives out. Every field is named; nothing of a model appears by default."""

from rest_framework import serializers


class FigureOut(serializers.Serializer[dict[str, object]]):
    """One running total of the nation, as last published."""

    name = serializers.CharField(help_text="Stable code: received, cases, referred, …")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Indonesian label."
    )
    unit = serializers.CharField(help_text="What is counted.")
    value = serializers.IntegerField(
        allow_null=True, help_text="Null until it may be told: small numbers are held back."
    )
    month = serializers.DateField(
        allow_null=True, help_text="First day of the month at whose end it stood so."
    )


class TableOut(serializers.Serializer[dict[str, object]]):
    """One published table; it never changes."""

    table = serializers.CharField(
        source="name",
        help_text="acts, provinces, regencies:33, agency_provinces, agencies:33, answers, days, series.",
    )
    first_month = serializers.DateField(source="first")
    last_month = serializers.DateField(source="last")
    total = serializers.IntegerField(allow_null=True)
    cells = serializers.DictField(
        child=serializers.IntegerField(allow_null=True), help_text="Null where hidden."
    )
    published_on = serializers.DateField()


class FiguresOut(serializers.Serializer[dict[str, object]]):
    """The running totals and the newest tables, with their date."""

    through = serializers.DateField(
        allow_null=True, help_text="First day of the newest published month."
    )
    published_on = serializers.DateField(allow_null=True)
    is_current = serializers.BooleanField(
        help_text="False while the database is out of reach: then these are the last good figures."
    )
    hidden_below = serializers.IntegerField(help_text="Smaller numbers are hidden.")
    licence = serializers.CharField()
    figures = FigureOut(many=True)
    tables = TableOut(many=True)


class FiguresQueryIn(serializers.Serializer[dict[str, object]]):
    """The query of the figures."""

    table = serializers.CharField(
        required=False, default="", help_text="Only tables of this name; else running totals alone."
    )


class ViolationRuleOut(serializers.Serializer[dict[str, object]]):
    """One rule as it stood on the day asked for."""

    code = serializers.CharField()
    category = serializers.CharField(help_text="ETHICS or DISCIPLINE.")
    stage = serializers.CharField(help_text="BEFORE_DETERMINATION, AFTER_DETERMINATION or ANY.")
    title_id = serializers.CharField()
    title_en = serializers.CharField()
    legal_bases = serializers.ListField(child=serializers.CharField())
    sanction_class = serializers.CharField()
    confidence = serializers.CharField(help_text="How well the row is known.")
    source = serializers.CharField()  # type: ignore[assignment]
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)


class ViolationRulesQueryIn(serializers.Serializer[dict[str, object]]):
    """The query of the rule list."""

    on = serializers.DateField(help_text="Day of the event, YYYY-MM-DD.")


class ViolationRulesOut(serializers.Serializer[dict[str, object]]):
    """The rules in force on a day, by code."""

    on = serializers.DateField()
    rules = ViolationRuleOut(many=True)


class ProblemOut(serializers.Serializer[dict[str, object]]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
