"""Where the apps' routes meet: nothing but includes."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from bawaslu_cases.shared import health

# What the public and reporters see stands twice: in Indonesian, and in English under /en/. Nothing
# else remembers the language: no cookie, no session (docs/adr/0020-the-address-is-the-language.md).
urlpatterns = i18n_patterns(
    path("", include("complaints.web.urls_public")),
    path("f/", include("complaints.web.urls_intake")),
    path("s/", include("complaints.web.urls_mailbox")),
    path("", include("referrals.web.urls_figures")),
    prefix_default_language=False,
)
urlpatterns += [
    path("kerja/", include("complaints.web.urls_desk")),
    path("kerja/rujukan/", include("referrals.web.urls_desk")),
    path("kerja/tindak-lanjut/", include("referrals.web.urls_follow_up")),
    path("salinan/paket/", include("referrals.web.urls_packet_copies")),
    path("salinan/", include("complaints.web.urls_copies")),
    path("brankas/", include("complaints.web.urls_vault")),
    path("penelaah/", include("referrals.web.urls_review")),
    path("instansi/", include("referrals.web.urls_ppk")),
    path("jawab/", include("referrals.web.urls_ppk_pass")),
    path("ambil/", include("referrals.web.urls_fetch")),
    path("api/v1/", include("bawaslu_cases.accounts.api.urls")),
    path("api/v1/", include("referrals.api.urls")),
    path("api/v1/", include("referrals.api.urls_clients")),
    path("api/v1/", include("complaints.api.urls")),
    path("masuk/", include("bawaslu_cases.accounts.urls_login")),
    path("akun/", include("bawaslu_cases.accounts.urls_account")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]

handler400 = "complaints.web.public.bad_request"
handler403 = "complaints.web.public.forbidden"
handler404 = "complaints.web.public.not_found"
handler500 = "complaints.web.public.server_error"
