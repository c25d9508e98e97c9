"""Routes of the API."""

from django.urls import path

from referrals.api import views

app_name = "api"
urlpatterns = [
    path("figures", views.FiguresView.as_view(), name="figures"),
    path("violation-rules", views.ViolationRulesView.as_view(), name="violation_rules"),
]
