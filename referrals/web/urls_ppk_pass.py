"""Route of a PPK's link."""

from django.urls import path

from referrals.web import ppk_pass

app_name = "ppk_pass"
urlpatterns = [path("<uuid:public_id>/<str:token>/", ppk_pass.page, name="page")]
