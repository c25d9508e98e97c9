"""Routes of the form."""

from django.urls import path

from complaints.web import intake, uploads

app_name = "intake"
urlpatterns = [
    path("", intake.form, name="form"),
    path("berkas/", uploads.files, name="files"),
    path("berkas/<uuid:upload>", uploads.file, name="file"),
]
