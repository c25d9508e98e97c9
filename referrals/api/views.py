"""Public endpoints: figures and reference data. No identity, no cookie, no write."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bawaslu_cases.registry import selectors as registry
from referrals.api.serializers import (
    FiguresOut,
    FiguresQueryIn,
    ProblemOut,
    ViolationRulesOut,
    ViolationRulesQueryIn,
)
from referrals.rules.suppression import K
from referrals.selectors.figure_pages import Figures
from referrals.selectors.figures import LICENCE, publication

PROBLEM = OpenApiResponse(ProblemOut, description="RFC 9457 problem details.")


class FiguresView(APIView):
    """The public figures."""

    @extend_schema(
        operation_id="figures",
        parameters=[FiguresQueryIn],
        responses={200: FiguresOut, 406: PROBLEM},
        tags=["figures"],
    )
    def get(self, request: Request) -> Response:
        """Return the running totals, and the tables of the name asked for. One query."""
        told = publication()
        figures = Figures(told)
        return Response(
            FiguresOut(
                {
                    "through": told.through,
                    "published_on": told.published_on,
                    "is_current": told.is_current,
                    "hidden_below": K,
                    "licence": LICENCE,
                    "figures": [
                        {
                            "name": step.name,
                            "label": step.label,
                            "unit": step.unit,
                            "value": step.told[0] if step.told else None,
                            "month": step.told[1] if step.told else None,
                        }
                        for step in (*figures.matters, *figures.people)
                    ],
                    "tables": told.tables(request.query_params.get("table", "")),
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
