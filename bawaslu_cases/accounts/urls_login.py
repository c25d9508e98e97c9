"""The sign-in page under a short address of its own; allauth's other pages live under /akun/."""

from allauth.account.views import login
from django.urls import path

urlpatterns = [path("", login, name="staff_login")]
