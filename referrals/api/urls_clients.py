"""Routes of the API for its clients: referrals, follow-ups, reference data, and what changed."""

from django.urls import path

from referrals.api import changes, reads, registry

app_name = "api_referrals"
urlpatterns = [
    path("changes", changes.ChangesView.as_view(), name="changes"),
    path("referrals", reads.ReferralsView.as_view(), name="referrals"),
    path("referrals/<uuid:public_id>", reads.ReferralView.as_view(), name="referral"),
    path("follow-ups", reads.FollowUpsView.as_view(), name="follow_ups"),
    path("regions", registry.RegionsView.as_view(), name="regions"),
    path("offices", registry.OfficesView.as_view(), name="offices"),
    path("agencies", registry.AgenciesView.as_view(), name="agencies"),
    path("acts", registry.ActsView.as_view(), name="acts"),
    path("sanctions", registry.SanctionsView.as_view(), name="sanctions"),
    path("contests", registry.ContestsView.as_view(), name="contests"),
    path("holidays", registry.HolidaysView.as_view(), name="holidays"),
]
