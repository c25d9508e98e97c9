"""Public endpoints: figures and reference data. No identity, no cookie, no write."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bawaslu_cases.registry import selectors as registry
from referrals.api.serializers import (
    FiguresOut,
    ProblemOut,
    ViolationRulesOut,
    ViolationRulesQueryIn,
)
from referrals.selectors.figures import THRESHOLD, public_figures

PROBLEM = OpenApiResponse(ProblemOut, description="RFC 9457 problem details.")


class FiguresView(APIView):
    """The public funnel."""

    @extend_schema(
        operation_id="figures", responses={200: FiguresOut, 406: PROBLEM}, tags=["figures"]
    )
    def get(self, _request: Request) -> Response:
        """Return the first counts; numbers under the threshold are null. One query."""
        figures = public_figures()
        return Response(
            FiguresOut(
                {
                    "counted_at": figures.counted_at,
                    "is_current": figures.is_current,
                    "hidden_below": THRESHOLD,
                    "rows": figures.rows,
                }
            ).data
        )


class ViolationRulesView(APIView):
    """The violation rules in force on one day."""

    @extend_schema(
        operation_id="violation_rules",
        parameters=[ViolationRulesQueryIn],
        responses={200: ViolationRulesOut, 400: PROBLEM},
        tags=["registry"],
    )
    def get(self, request: Request) -> Response:
        """Return every rule as it stood on the day of an event. One query."""
        query = ViolationRulesQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        on: Any = query.validated_data["on"]
        rules = registry.rules_in_force(on)
        return Response(ViolationRulesOut({"on": on, "rules": rules}).data)
