"""Routes of the API."""

from django.urls import path

from bawaslu_cases.accounts.api.document import openapi_document
from referrals.api import answers, views

app_name = "api"
urlpatterns = [
    path("openapi.yml", openapi_document, name="openapi"),
    path("figures", views.FiguresView.as_view(), name="figures"),
    path("violation-rules", views.ViolationRulesView.as_view(), name="violation_rules"),
    path(
        "recipients/<slug:destination>/answers",
        answers.AnswersView.as_view(),
        name="answer_referral",
    ),
]
