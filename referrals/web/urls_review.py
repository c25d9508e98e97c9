"""Routes of the recipient body."""

from django.urls import path

from referrals.web import review

app_name = "review"
urlpatterns = [
    path("", review.inbox, name="inbox"),
    path("<uuid:public_id>/", review.detail, name="detail"),
    path("<uuid:public_id>/surat/<int:version>/", review.letter, name="letter"),
]
