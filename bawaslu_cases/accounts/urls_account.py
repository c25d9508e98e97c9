"""The pages of an account: only those this product offers, with allauth's names and views.

Left out on purpose: sign-up by mail, confirming and changing addresses, resetting a password by mail.
An administrator invites people; the link sets the first password.
"""

from allauth.account import views
from django.urls import include, path

from bawaslu_cases.accounts import invitation_page, sign_on_pages

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    # Says that nobody signs up here (StaffAccountAdapter.is_open_for_signup).
    path("signup/", views.signup, name="account_signup"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("undangan/<str:token>/", invitation_page.invitation, name="account_invitation"),
    path("sso/", sign_on_pages.sign_on, name="account_sso"),
    path("sso/mulai/", sign_on_pages.start, name="account_sso_start"),
    path("sso/kembali/", sign_on_pages.callback, name="account_sso_callback"),
    path("sso/selesai/", sign_on_pages.finish, name="account_sso_finish"),
    path("2fa/", include("allauth.mfa.urls")),
]
