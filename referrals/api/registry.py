"""Reference data for tools that work without a line: whole lists, kept by clients until they change.

The ETag is the registry's own version where the cache knows it, so that a question about what is held
already costs no query; else it is made from the answer.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.pages import IF_NONE_MATCH, NOT_MODIFIED
from bawaslu_cases.accounts.api.schema import PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.registry import freshness
from bawaslu_cases.registry.selectors import reference
from bawaslu_cases.shared.api_etags import etag_of, names, not_modified, tagged
from bawaslu_cases.shared.api_pages import QueryIn

Handler = TypeVar("Handler", bound=Callable[..., Response])

SHAPE = 1
"""Raised when a list gets another field: what clients keep is old then, whatever the registry says."""
KEPT_SECONDS = 3600
FIRST_YEAR, LAST_YEAR = 1945, 2100


class RegionOut(serializers.Serializer[dict[str, object]]):
    """A province, regency or city."""

    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.CharField(help_text="PROVINCE, KABUPATEN or KOTA.")
    parent = serializers.CharField(  # type: ignore[assignment]
        source="parent_code", allow_null=True
    )
    is_autonomous = serializers.BooleanField(help_text="False in Jakarta: no election of its own.")
    time_zone = serializers.CharField()


class RegisteredOfficeOut(serializers.Serializer[dict[str, object]]):
    """An office of Bawaslu."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField(help_text="RI, PROVINCE or REGENCY.")
    region = serializers.CharField(source="region_code", allow_null=True)
    parent = serializers.CharField(  # type: ignore[assignment]
        source="parent_code", allow_null=True
    )
    bawaslu_code = serializers.CharField(
        allow_null=True, help_text="As in official numbers; null where the table gives none."
    )
    time_zone = serializers.CharField()


class AgencyOut(serializers.Serializer[dict[str, object]]):
    """An employer of civil servants."""

    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.CharField(help_text="MINISTRY, BODY, PROVINCE, KABUPATEN or KOTA.")
    region = serializers.CharField(source="region_code", allow_null=True)
    ppk_title = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)


class ActOut(serializers.Serializer[dict[str, object]]):
    """A kind of act, as `acts` of a complaint names it."""

    code = serializers.CharField()
    group = serializers.CharField()
    label_id = serializers.CharField()
    label_en = serializers.CharField()


class SanctionOut(serializers.Serializer[dict[str, object]]):
    """A sanction that a PPK may impose."""

    code = serializers.CharField()
    sanction_class = serializers.CharField()
    name = serializers.CharField()
    months = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    is_transitional = serializers.BooleanField()
    legal_basis = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)


class PhaseOut(serializers.Serializer[dict[str, object]]):
    """A phase of a contest."""

    kind = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class ContestOut(serializers.Serializer[dict[str, object]]):
    """An election. Without regions it is the whole country's."""

    code = serializers.CharField()
    name = serializers.CharField()
    regime = serializers.CharField(help_text="PEMILU or PILKADA.")
    election_code = serializers.CharField()
    year = serializers.IntegerField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    voting_on = serializers.DateField(allow_null=True)
    regions = serializers.ListField(child=serializers.CharField(), source="region_codes")
    phases = PhaseOut(many=True, source="steps")


class HolidayOut(serializers.Serializer[dict[str, object]]):
    """A day off."""

    date = serializers.DateField()
    category = serializers.CharField(help_text="NATIONAL, JOINT_LEAVE, ELECTION_DAY or LOCAL.")
    name = serializers.CharField()
    region = serializers.CharField(source="region_code", allow_null=True)
    is_estimated = serializers.BooleanField()


class RegionsOut(serializers.Serializer[dict[str, object]]):
    """All regions."""

    items = RegionOut(many=True)


class OfficesOut(serializers.Serializer[dict[str, object]]):
    """All offices."""

    items = RegisteredOfficeOut(many=True)


class AgenciesOut(serializers.Serializer[dict[str, object]]):
    """The agencies of a day."""

    items = AgencyOut(many=True)


class ActsOut(serializers.Serializer[dict[str, object]]):
    """All kinds of acts."""

    items = ActOut(many=True)


class SanctionsOut(serializers.Serializer[dict[str, object]]):
    """The sanctions of a day."""

    items = SanctionOut(many=True)


class ContestsOut(serializers.Serializer[dict[str, object]]):
    """All contests."""

    items = ContestOut(many=True)


class HolidaysOut(serializers.Serializer[dict[str, object]]):
    """The days off of a year."""

    items = HolidayOut(many=True)


class NothingIn(QueryIn):
    """No query at all."""


class DayIn(QueryIn):
    """What is asked as of a day."""

    on = serializers.DateField(required=False, help_text="A day; today where none is named.")


class YearIn(QueryIn):
    """The query of the days off."""

    year = serializers.IntegerField(
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        help_text="This year where none is named.",
    )


class ReferenceView(ClientView):
    """One list of the registry. At most two queries; none for what the client holds already."""

    scopes: ClassVar = {"GET": Scope.REGISTRY_READ}
    query: ClassVar[type[QueryIn]] = NothingIn
    shape: ClassVar[type[serializers.Serializer[dict[str, object]]]]

    def told(self, request: Request) -> Response:
        """Return the list with its ETag, or 304."""
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = self.asked(query.validated_data)
        version = freshness.version()
        etag = etag_of([version, SHAPE, type(self).__name__, asked]) if version else ""
        if etag and names(request.headers.get("If-None-Match", ""), etag):
            response = not_modified(etag)
        else:
            told = self.shape({"items": self.rows(**asked)}).data
            response = tagged(request, told, etag=etag)
        response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
        return response

    def asked(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the rows are asked by, with what was left out filled in."""
        return dict(query)

    def rows(self, **asked: Any) -> reference.Rows:
        """Return the rows; each list says which."""
        raise NotImplementedError


class _OnADay(ReferenceView):
    query = DayIn

    def asked(self, query: Mapping[str, Any]) -> dict[str, Any]:
        return {"on": query.get("on") or timezone.localdate()}


def _told(operation: str, shape: Any, *query: Any) -> Callable[[Handler], Handler]:
    return extend_schema(
        operation_id=operation,
        parameters=[*query, IF_NONE_MATCH],
        responses={200: shape, 304: NOT_MODIFIED} | PROBLEMS,
        tags=["registry"],
    )


class RegionsView(ReferenceView):
    """Provinces, regencies and cities."""

    shape = RegionsOut

    @_told("list_regions", RegionsOut)
    def get(self, request: Request) -> Response:
        """Return all regions by code."""
        return self.told(request)

    def rows(self, **_asked: Any) -> reference.Rows:
        """Return them. One query."""
        return reference.regions()


class OfficesView(ReferenceView):
    """Bawaslu's offices."""

    shape = OfficesOut

    @_told("list_offices", OfficesOut)
    def get(self, request: Request) -> Response:
        """Return all offices, each after the one above it."""
        return self.told(request)

    def rows(self, **_asked: Any) -> reference.Rows:
        """Return them. One query."""
        return reference.offices()


class AgenciesView(_OnADay):
    """Employers of civil servants on a day."""

    shape = AgenciesOut

    @_told("list_agencies", AgenciesOut, DayIn)
    def get(self, request: Request) -> Response:
        """Return the agencies in force on a day."""
        return self.told(request)

    def rows(self, **asked: Any) -> reference.Rows:
        """Return them. One query."""
        return reference.agencies(**asked)


class ActsView(ReferenceView):
    """Kinds of acts."""

    shape = ActsOut

    @_told("list_acts", ActsOut)
    def get(self, request: Request) -> Response:
        """Return all kinds of acts."""
        return self.told(request)

    def rows(self, **_asked: Any) -> reference.Rows:
        """Return them. One query."""
        return reference.acts()


class SanctionsView(_OnADay):
    """Sanctions on a day."""

    shape = SanctionsOut

    @_told("list_sanctions", SanctionsOut, DayIn)
    def get(self, request: Request) -> Response:
        """Return the sanctions in force on a day, the lightest first."""
        return self.told(request)

    def rows(self, **asked: Any) -> reference.Rows:
        """Return them. One query."""
        return reference.sanctions(**asked)


class ContestsView(ReferenceView):
    """Elections."""

    shape = ContestsOut

    @_told("list_contests", ContestsOut)
    def get(self, request: Request) -> Response:
        """Return all contests with their phases, the newest first."""
        return self.told(request)

    def rows(self, **_asked: Any) -> reference.Rows:
        """Return them. One query."""
        return reference.contests()


class HolidaysView(ReferenceView):
    """Days off."""

    shape = HolidaysOut
    query = YearIn

    @_told("list_holidays", HolidaysOut, YearIn)
    def get(self, request: Request) -> Response:
        """Return the days off of a year."""
        return self.told(request)

    def asked(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return the year."""
        return {"year": query.get("year") or timezone.localdate().year}

    def rows(self, **asked: Any) -> reference.Rows:
        """Return them. One query."""
        return reference.holidays(**asked)
