"""Routes of access: tokens, and what a client may know of itself."""

from django.urls import path

from bawaslu_cases.accounts.api import own, token

app_name = "api_access"
urlpatterns = [
    path("token", token.TokenView.as_view(), name="token"),
    path("revoke", token.RevokeView.as_view(), name="revoke"),
    path("me", own.MeView.as_view(), name="me"),
    path("calls", own.CallsView.as_view(), name="calls"),
]
