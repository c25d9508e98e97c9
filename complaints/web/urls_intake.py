"""Routes of the form."""

from django.urls import path

from complaints.web import intake

app_name = "intake"
urlpatterns = [
    path("", intake.form, name="form"),
]
