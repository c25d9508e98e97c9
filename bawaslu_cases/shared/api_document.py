"""What the API's document says where the framework knows less than the code."""

from typing import Any

from bawaslu_cases.shared.api_errors import PROBLEM_JSON

OAUTH_ERROR = "OAuthErrorOut"
"""The one error that is no problem: RFC 6749 gives its shape, and its type is plain JSON."""


def problems_by_their_type(result: dict[str, Any], **_told: Any) -> dict[str, Any]:
    """Name ``application/problem+json`` (RFC 9457) as what errors come as. A hook of drf-spectacular."""
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, answer in operation.get("responses", {}).items():
                content = answer.get("content", {})
                told = content.get("application/json")
                if status < "400" or told is None or OAUTH_ERROR in str(told["schema"]):
                    continue
                answer["content"] = {PROBLEM_JSON: told}
    return result
