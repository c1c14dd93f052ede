"""Sealing for browsers, held to the example of RFC 8291 (section 5 and appendix A)."""

from rapport.kernel.webpush import MOST_PLAIN_BYTES, decode_key, encode_key, is_public_key, seal_message

BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SERVER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def known(text: str) -> bytes:
    raw = decode_key(text)
    assert raw is not None
    return raw


def test_the_example_of_the_rfc() -> None:
    plain = b"When I grow up, I want to be a watermelon"
    sealed = seal_message(known(BROWSER), known(AUTH), plain, own_scalar=known(SERVER), salt=known(SALT))
    assert encode_key(sealed) == SEALED


def test_the_same_words_are_sealed_differently_each_time_and_fit_one_record() -> None:
    sealed = [seal_message(known(BROWSER), known(AUTH), bytes(MOST_PLAIN_BYTES)) for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert len(sealed[0]) == 4096


def test_what_is_no_key_is_seen() -> None:
    assert is_public_key(known(BROWSER))
    for wrong in (b"", b"\x04" + bytes(64), known(BROWSER)[:-1], known(AUTH)):
        assert not is_public_key(wrong)
    for text in ("*", "a b", "é"):
        assert decode_key(text) is None
    assert decode_key(f"{AUTH}==") == known(AUTH)
