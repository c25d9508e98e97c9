"""What the API gives out. Every field is named; nothing of a model appears by default."""

from rest_framework import serializers


class FigureOut(serializers.Serializer[dict[str, object]]):
    """One number of the funnel."""

    name = serializers.CharField(help_text="Stable code: received, cases, referred, …")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Indonesian label."
    )
    value = serializers.IntegerField(
        allow_null=True, help_text="Null where the number is hidden or not counted yet."
    )
    shown = serializers.CharField(help_text="What a page shows, e.g. '< 5'.")


class FiguresOut(serializers.Serializer[dict[str, object]]):
    """The funnel with its date."""

    counted_at = serializers.DateTimeField(allow_null=True)
    is_current = serializers.BooleanField(
        help_text="False while the database is out of reach: then these are the last good figures."
    )
    hidden_below = serializers.IntegerField(help_text="Smaller numbers are hidden.")
    figures = FigureOut(many=True, source="rows")


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
