"""Names of parameters that tell who shared a link, how, or from which device.

On the platforms we know, everything is taken off that the thing itself does not need; this list is
for all other sites, and for saying by name what was taken off.
"""

from complaints.links.addresses import Address

SHARERS = frozenset(
    """
    igsh igshid ig_mid ig_rid fbclid mibextid rdid share_id sharer _t _r u_code sec_user_id sec_uid
    si xmt slof fb_action_ids fb_action_types fb_ref fb_source gclid gclsrc gbraid wbraid dclid
    msclkid yclid twclid ttclid li_fat_id rcm trackingid lipi trk mc_eid mc_cid _hsenc _hsmi
    hsctatracking vero_id mkt_tok oly_enc_id oly_anon_id rb_clickid epik srsltid igshuid wtsid
    _branch_match_id _branch_referrer _ga _gl gs_lcp ved usg ust opi usqp amp_gsa amp_js_v
    guccounter guce_referrer guce_referrer_sig smid s_cid cmpid ref referrer referer referral via
    invite invited_by inviter sender sender_device sender_web_id is_from_webapp is_copy_url
    web_id device_id iid tt_from tt_content tt_medium enter_from enter_method refer preview_pb
    link_reward_activity ugbiz_name social_sharing checksum
    __cft__ __tn__ __xts__ __eep__ __so__ __rv__ hc_ref fref refid refsrc paipv eav _rdr _rdc sfnsn
    extid ref_src ref_url ref_type phpsessid jsessionid sid sessionid session_id token access_token
    auth authuser email e-mail mail
    """.split()  # noqa: SIM905 -- a list that people read
)
FAMILIES = ("utm_", "share_", "sharer_", "ref_", "at_", "mtm_", "pk_", "_x_tr_", "guce_", "fb_")
X_ONLY = frozenset({"s", "t"})


def names_sharer(name: str, value: str = "") -> bool:
    """Say whether a parameter tells of a person or a device and not of the page.

    A value with an @ is an address of somebody (newsletters) wherever it stands.
    """
    bare = name.casefold().split("[", 1)[0]
    return bare in SHARERS or bare.startswith(FAMILIES) or ("@" in value and "." in value)


def taken_off(address: Address, kept: frozenset[str]) -> tuple[str, ...]:
    """Return the names that do not stand in ``kept``: known ones as such, any other as ``*``.

    A name can carry the mark as well as a value can, so an unknown one is not repeated.
    """
    gone = dict.fromkeys(
        name.casefold().split("[", 1)[0] if _is_known(name) else "*"
        for name, _value in address.params
        if name not in kept
    )
    return tuple(gone)


def _is_known(name: str) -> bool:
    bare = name.casefold().split("[", 1)[0]
    return bare in SHARERS | X_ONLY | _PLAIN or bare in _FAMILY_WORDS


_PLAIN = frozenset(
    """
    set type comment_id reply_comment_id img_index lang q locale feature index list pp ab_channel
    app source text mode hl single amp page view multi_permalinks vanity story_fbid id fbid v h e
    width height href language timestamp user_id share_app_id usp
    """.split()  # noqa: SIM905 -- a list that people read
)
_FAMILY_WORDS = frozenset(
    """
    utm_source utm_medium utm_campaign utm_term utm_content utm_id share_link_id share_item_id
    share_author_id share_iid share_scene share_type sharer_id sharer_name sharer_uid
    sharer_language
    """.split()  # noqa: SIM905 -- a list that people read
)
