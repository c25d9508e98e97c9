"""No mark of who shared a link survives, wherever it was planted (protection.md C)."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.links import LinkRefusedError, read_link, same_post
from complaints.links.comparing import Same

MARKS = st.text(
    "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", min_size=12, max_size=24
)
NAMED = (
    "igsh",
    "igshid",
    "fbclid",
    "mibextid",
    "rdid",
    "share_id",
    "sharer",
    "_t",
    "_r",
    "u_code",
    "sec_user_id",
    "share_link_id",
    "share_anything",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_anything",
    "si",
    "gclid",
    "ttclid",
    "twclid",
    "mc_eid",
    "ref",
    "ref_src",
    "__cft__[0]",
    "__tn__",
    "sharer_id",
    "xmt",
    "trackingId",
)
THINGS = (
    "https://www.facebook.com/desa.mekarsari/posts/900000000000001",
    "https://www.facebook.com/watch/?v=900000000000014",
    "https://www.facebook.com/groups/warga.desa",
    "https://www.instagram.com/p/AaBbCcDdEe1/",
    "https://www.instagram.com/camat.contoh/",
    "https://www.instagram.com/stories/camat.contoh/3000000000000000001/",
    "https://www.tiktok.com/@guru_contoh/video/7000000000000000001",
    "https://x.com/dinas_contoh/status/1800000000000000001",
    "https://www.youtube.com/watch?v=AbCdEfGhIj1",
    "https://youtu.be/AbCdEfGhIj1",
    "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
    "https://t.me/kanalcontoh/12",
    "https://harian-contoh.id/berita/camat?id=4",
    "https://harian-contoh.id/",
)
ON_PLATFORMS = THINGS[:12]
IN_PATHS = (
    "https://vt.tiktok.com/{mark}/",
    "https://vm.tiktok.com/{mark}",
    "https://www.tiktok.com/t/{mark}/",
    "https://fb.watch/{mark}/",
    "https://www.facebook.com/share/{mark}/",
    "https://www.facebook.com/share/p/{mark}/",
    "https://www.facebook.com/desa.mekarsari/posts/pfbid0{mark}",
    "https://www.facebook.com/story.php?story_fbid=pfbid0{mark}&id=100000000000009",
    "https://www.instagram.com/share/reel/{mark}",
    "https://www.instagram.com/s/{mark}?story_media_id=3000000000000000001_1",
    "https://www.instagram.com/p/AaBbCcDdEe1{mark}/",
    "https://www.youtube.com/clip/Ugkx{mark}",
    "https://www.youtube.com/shared?ci={mark}",
    "https://t.co/{mark}",
    "https://t.me/+{mark}",
    "https://t.me/joinchat/{mark}",
    "https://wa.me/message/{mark}",
    "https://bit.ly/{mark}",
    "https://s.id/{mark}",
    "https://photos.app.goo.gl/{mark}",
    "https://lapor.page.link/{mark}",
    "https://archive.ph/{mark}",
    "https://www.facebook.com/l.php?u=https%3A%2F%2Fharian-contoh.id%2Fa&h={mark}",
    "https://l.instagram.com/?u=https%3A%2F%2Fharian-contoh.id%2Fa&e={mark}",
    "https://www.google.com/url?q=https%3A%2F%2Fharian-contoh.id%2Fa&usg={mark}",
    "https://www.tiktok.com/tidak/dikenal/{mark}",
    "https://www.instagram.com/direct/t/{mark}",
    "https://www.facebook.com/dialog/{mark}",
    "https://x.com/i/flow/{mark}",
)


def leaves(link):
    """Return everything of a link that may be shown, kept or logged."""
    return f"{link!r} {link.key} {link.clean_url} {link.stripped} {link.host}"


@given(mark=MARKS, name=st.sampled_from(NAMED), thing=st.sampled_from(THINGS))
def test_e29_a_named_mark_never_survives(mark, name, thing):
    text = f"{thing}{'&' if '?' in thing else '?'}{quote(name)}={mark}#{mark}"
    link = read_link(text)
    assert mark.casefold() not in leaves(link).casefold()
    assert (link.key, link.clean_url) == (read_link(thing).key, read_link(thing).clean_url)
    assert link.stripped


@given(mark=MARKS, name=MARKS, thing=st.sampled_from(ON_PLATFORMS))
def test_on_platforms_a_mark_under_a_new_name_does_not_survive_either(mark, name, thing):
    link = read_link(f"{thing}{'&' if '?' in thing else '?'}{name}={mark}")
    assert mark.casefold() not in leaves(link).casefold()
    assert name.casefold() not in leaves(link).casefold()
    assert link.key == read_link(thing).key


@given(mark=MARKS, form=st.sampled_from(IN_PATHS))
def test_e29_a_mark_in_the_path_never_survives(mark, form):
    assert mark.casefold() not in leaves(read_link(form.format(mark=mark))).casefold()


@given(mark=MARKS, other=MARKS, form=st.sampled_from(IN_PATHS[:22]))
def test_two_shares_of_one_thing_are_not_taken_for_different_things(mark, other, form):
    answer = same_post(read_link(form.format(mark=mark)), read_link(form.format(mark=other)))
    if "/p/AaBb" in form or mark == other:
        assert answer is Same.YES
    else:
        assert answer is Same.UNKNOWN


@given(
    host=st.sampled_from(
        [
            "www.facebook.com",
            "www.instagram.com",
            "www.tiktok.com",
            "x.com",
            "www.youtube.com",
            "youtu.be",
            "t.me",
            "wa.me",
            "web.archive.org",
            "www.google.com",
            "m.harian-contoh.id",
        ]
    ),
    path=st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "p",
                    "reel",
                    "posts",
                    "groups",
                    "video",
                    "status",
                    "watch",
                    "@akun",
                    "share",
                    "amp",
                    "web",
                    "2026",
                    "..",
                    "%2e%2e",
                    "stories",
                    "hashtag",
                    "c",
                    "channel",
                    "https:",
                    "",
                ]
            ),
            st.from_regex(r"[0-9]{5,20}", fullmatch=True),
            st.text(max_size=8),
        ),
        max_size=5,
    ),
    query=st.dictionaries(st.text(max_size=6), st.text(max_size=12), max_size=3),
)
def test_cleaning_twice_is_cleaning_once(host, path, query):
    text = f"https://{host}/{'/'.join(path)}"
    if query:
        text += "?" + "&".join(f"{quote(k)}={quote(v)}" for k, v in query.items())
    try:
        link = read_link(text)
    except LinkRefusedError:
        return
    if not link.clean_url:
        assert link.key is None
        return
    again = read_link(link.clean_url)
    assert (again.clean_url, again.key) == (link.clean_url, link.key)


@given(text=st.text())
def test_any_text_is_read_or_refused(text):
    try:
        link = read_link(text)
    except LinkRefusedError:
        return
    assert link.host.isascii()
    assert link.clean_url.isascii()


def test_a_mark_that_is_planted_is_seen_by_these_tests():
    assert "planted" in leaves(read_link("https://harian-contoh.id/berita/planted"))
    with pytest.raises(LinkRefusedError):
        read_link("https://planted@harian-contoh.id/")
