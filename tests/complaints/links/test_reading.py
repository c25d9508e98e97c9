"""What a link is taken for, what is refused, and what may stand outside the seal."""

import pytest

from complaints.links import Kind, Link, LinkRefusedError, Platform, Refusal, Why, read_link


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Refusal.EMPTY),
        (" \u200b ", Refusal.EMPTY),
        ("javascript:alert(1)", Refusal.SCHEME),
        ("JaVaScRiPt://harian-contoh.id/%0aalert(1)", Refusal.SCHEME),
        ("data:text/html,halo", Refusal.SCHEME),
        ("file:///etc/passwd", Refusal.SCHEME),
        ("ftp://harian-contoh.id/a", Refusal.SCHEME),
        ("intent://harian-contoh.id#Intent;end", Refusal.SCHEME),
        ("https://warga@harian-contoh.id/a", Refusal.USERINFO),
        ("https://www.instagram.com@jahat-contoh.id/p/AaBbCcDdEe1/", Refusal.USERINFO),
        ("https://harian-contoh.id/" + "a" * 2024, Refusal.TOO_LONG),
        ("https://harian-contoh.id/" + "é" * 700, Refusal.TOO_LONG),
        ("https://localhost/a", Refusal.HOST),
        ("https://127.0.0.1/a", Refusal.HOST),
        ("https://[::1]/a", Refusal.HOST),
        ("https://harian_contoh..id/", Refusal.HOST),
        ("https://%69nstagram.com/p/AaBbCcDdEe1/", Refusal.HOST),
        ("https:harian-contoh.id/a", Refusal.MALFORMED),
        ("https:///harian-contoh.id/a", Refusal.MALFORMED),
        ("https://harian-contoh.id\\@jahat-contoh.id", Refusal.MALFORMED),
        ("https://harian-contoh.id/a b", Refusal.MALFORMED),
        ("java\nscript:alert(1)", Refusal.MALFORMED),
        ("https://harian-contoh.id/\u202ea", Refusal.MALFORMED),
        ("https://harian-contoh.id:99999/a", Refusal.MALFORMED),
        ("https://l.facebook.com/l.php?u=javascript%3Aalert(1)", Refusal.SCHEME),
        ("camat di kantor", Refusal.MALFORMED),
        ("camat", Refusal.HOST),
    ],
)
def test_e29_what_is_no_web_address_is_refused(text, reason):
    with pytest.raises(LinkRefusedError) as refused:
        read_link(text)
    assert refused.value.reason is reason
    assert str(refused.value) == reason.value


def test_longest_address_is_taken():
    text = "https://harian-contoh.id/" + "a" * 2023
    assert len(text) == 2048
    assert read_link(text).clean_url == text


def test_e29_letters_that_pass_for_others_are_shown_as_punycode():
    link = read_link("https://www.\u0456nstagram.com/p/AaBbCcDdEe1/")
    assert link.host == "www.xn--nstagram-shh.com"
    assert link.platform is Platform.WEB
    assert link.clean_url == "https://www.xn--nstagram-shh.com/p/AaBbCcDdEe1"
    assert link.has_foreign_letters
    assert not read_link("https://www.instagram.com/p/AaBbCcDdEe1/").has_foreign_letters


def test_all_of_a_link_that_is_known():
    assert read_link(
        "https://m.facebook.com/story.php?story_fbid=900000000000001&id=100000000000009"
        "&mibextid=ZbWKwL&comment_id=900000000000077&anu=1#komentar"
    ) == Link(
        platform=Platform.FACEBOOK,
        kind=Kind.POST,
        key="facebook:post:900000000000001",
        clean_url=(
            "https://www.facebook.com/100000000000009/posts/900000000000001"
            "?comment_id=900000000000077"
        ),
        host="m.facebook.com",
        stripped=("story_fbid", "id", "mibextid", "*"),
        account="100000000000009",
        within=(("comment_id", "900000000000077"),),
    )


@pytest.mark.parametrize(
    ("text", "platform", "why"),
    [
        ("https://vt.tiktok.com/ZSrahasia1/", Platform.TIKTOK, Why.SHORT),
        ("https://fb.watch/rahasia123/", Platform.FACEBOOK, Why.SHORT),
        ("https://bit.ly/rahasia123", Platform.WEB, Why.SHORT),
        ("https://www.facebook.com/share/p/rahasia123/", Platform.FACEBOOK, Why.SHARE),
        ("https://www.instagram.com/share/rahasia123", Platform.INSTAGRAM, Why.SHARE),
        ("https://t.me/+rahasia123abc", Platform.TELEGRAM, Why.SHARE),
        (
            "https://www.facebook.com/desa/posts/pfbid0rahasia123456",
            Platform.FACEBOOK,
            Why.OPAQUE,
        ),
        ("https://www.tiktok.com/aneh/rahasia123", Platform.TIKTOK, Why.UNREADABLE),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fx+rahasia123", Platform.WEB, Why.UNREADABLE),
    ],
)
def test_a_link_that_only_its_platform_can_read_keeps_its_code_to_itself(text, platform, why):
    link = read_link(text)
    assert (link.platform, link.kind, link.why) == (platform, Kind.HIDDEN, why)
    assert (link.key, link.clean_url, link.is_unknown, link.is_fact) == (None, "", True, False)
    assert "rahasia" not in repr(link)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://wa.me/628110000001", Kind.PHONE),
        ("https://drive.google.com/open?id=1AbCdEfGhIjKlMn", Kind.FILE),
    ],
)
def test_a_number_or_a_file_of_somebody_is_no_fact_for_the_open(text, kind):
    link = read_link(text)
    assert link.kind is kind
    assert link.key is not None
    assert not link.is_fact


@pytest.mark.parametrize(
    "text",
    [
        "https://www.instagram.com/p/AaBbCcDdEe1/",
        "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
        "https://harian-contoh.id/berita",
        "https://x.com/dinas_contoh",
    ],
)
def test_a_public_post_account_or_page_is_a_fact(text):
    assert read_link(text).is_fact


def test_links_wrapped_without_end_are_not_followed():
    from urllib.parse import quote

    text = "https://harian-contoh.id/a"
    for _layer in range(6):
        text = f"https://l.facebook.com/l.php?u={quote(text, safe='')}"
    assert read_link(text).why is Why.UNREADABLE


def test_an_e_mail_address_in_a_parameter_is_a_person():
    link = read_link("https://harian-contoh.id/a?untuk=warga%40contoh.id&id=4")
    assert link.clean_url == "https://harian-contoh.id/a?id=4"
    assert link.stripped == ("*",)


def test_a_long_key_ends_in_a_digest_and_still_tells_two_apart():
    long = "https://harian-contoh.id/" + "a" * 400
    key, other = read_link(long).key, read_link(f"{long}b").key
    assert key is not None
    assert other is not None
    assert len(key) == len(other) == 300
    assert key != other
