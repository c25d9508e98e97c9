"""Routes of access: tokens, and what a client may know of itself."""

from django.urls import path

from bawaslu_cases.accounts.api import own, token, webhooks

app_name = "api_access"
urlpatterns = [
    path("token", token.TokenView.as_view(), name="token"),
    path("revoke", token.RevokeView.as_view(), name="revoke"),
    path("me", own.MeView.as_view(), name="me"),
    path("calls", own.CallsView.as_view(), name="calls"),
    path("webhooks", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:public_id>", webhooks.WebhookView.as_view(), name="webhook"),
    path(
        "webhooks/<uuid:public_id>/secret",
        webhooks.WebhookSecretView.as_view(),
        name="webhook_secret",
    ),
    path("webhooks/<uuid:public_id>/ping", webhooks.WebhookPingView.as_view(), name="webhook_ping"),
    path(
        "webhooks/<uuid:public_id>/replay",
        webhooks.WebhookReplayView.as_view(),
        name="webhook_replay",
    ),
    path(
        "webhooks/<uuid:public_id>/enable",
        webhooks.WebhookEnableView.as_view(),
        name="webhook_enable",
    ),
    path(
        "webhooks/<uuid:public_id>/deliveries",
        webhooks.WebhookDeliveriesView.as_view(),
        name="webhook_deliveries",
    ),
]
