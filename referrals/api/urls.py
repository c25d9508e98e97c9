"""Routes of the API."""

from django.urls import path

from referrals.api import answers, views

app_name = "api"
urlpatterns = [
    path("figures", views.FiguresView.as_view(), name="figures"),
    path("violation-rules", views.ViolationRulesView.as_view(), name="violation_rules"),
    path(
        "recipients/<slug:destination>/answers",
        answers.AnswersView.as_view(),
        name="answer_referral",
    ),
]
