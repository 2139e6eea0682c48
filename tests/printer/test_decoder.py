from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk.config import PrinterSettings
from kiosk.printer.decoder import (
    MAX_ROW_BYTES,
    Action,
    Clear,
    Cut,
    Decoder,
    Feed,
    Fence,
    Question,
    Rows,
)
from kiosk.printer.device import encode

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


def joined(actions: Iterable[Action]) -> list[Action]:
    """Neighbouring rows of one width as one."""
    whole: list[Action] = []
    for action in actions:
        last = whole[-1] if whole else None
        if (
            isinstance(action, Rows)
            and isinstance(last, Rows)
            and action.row_bytes == last.row_bytes
        ):
            whole[-1] = Rows(last.row_bytes, last.data + action.data)
        else:
            whole.append(action)
    return whole


def raster(row_bytes: int, rows: int, density: int = 0) -> bytes:
    return (
        b"\x1dv0" + bytes([density]) + row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little")
    )


commands = st.one_of(
    st.sampled_from([b"\x1b@", b"\n", b"\x1bd\x06", b"\x1bJ\x20", b"\x1dV\x00", b"\x1dVB\x10"]),
    st.integers(1, 4).map(lambda n: bytes((0x10, 4, n))),
    st.sampled_from([b"\x1dr\x01", b"\x10\x05\x02", CLEAR]),
    st.binary(min_size=12, max_size=12).map(lambda dots: raster(3, 4) + dots),
    st.binary(max_size=40),
)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    marks = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(marks)]


@given(st.lists(commands, max_size=8).map(b"".join), st.lists(st.integers(0, 400), max_size=30))
def test_pieces_do_not_matter(stream: bytes, cuts: list[int]) -> None:
    whole, cut_up = Decoder(), Decoder()
    expected = joined(whole.feed(stream))
    seen = joined(action for piece in pieces(stream, cuts) for action in cut_up.feed(piece))
    assert seen == expected
    assert cut_up.unknown_bytes == whole.unknown_bytes


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 6000), max_size=40))
def test_our_own_stream_in_pieces(cuts: list[int]) -> None:
    image = Image.frombytes("1", (64, 300), bytes(range(240)) * 10)
    stream = encode(image, PrinterSettings(dots=256))
    decoder = Decoder()
    actions = joined(action for piece in pieces(stream, cuts) for action in decoder.feed(piece))
    inverted = bytes(byte ^ 0xFF for byte in image.tobytes())
    assert actions == [Rows(8, inverted), Feed(180), Cut()]
    assert decoder.unknown_bytes == 0


def test_a_question_is_heard_between_the_fragments_of_a_picture() -> None:
    stream = raster(1, 2) + b"ab" + b"\x10\x04\x02" + raster(1, 1) + b"c"
    assert list(Decoder().feed(stream)) == [Rows(1, b"ab"), Question(2), Rows(1, b"c")]


def test_the_fence_and_the_clearing_of_the_buffer_are_understood() -> None:
    decoder = Decoder()
    stream = b"\x1dr\x01" + b"\x1dr2" + CLEAR + b"\x10\x05\x02"
    assert list(decoder.feed(stream)) == [Fence(), Fence(), Clear()]
    assert decoder.unknown_bytes == 0
    assert not list(decoder.feed(b"\x1dr\x03" + CLEAR[:-1] + b"\x00" + b"\x10\x05\x09"))
    assert decoder.unknown_bytes == 16


def test_unknown_bytes_are_counted_and_stepped_over() -> None:
    decoder = Decoder()
    assert list(decoder.feed(b"Xin ch\xc3\xa0o\x1b!\x00\n\x1dV\x00")) == [Feed(30), Cut()]
    assert decoder.unknown_bytes == 12


def test_a_picture_of_gigabytes_is_not_kept() -> None:
    decoder = Decoder()
    list(decoder.feed(raster(0xFFFF, 0xFFFF)))
    for _ in range(64):
        assert not list(decoder.feed(bytes(1 << 16)))
    assert len(decoder._buffer) == 0


def test_no_row_waits_for_more_than_a_row() -> None:
    decoder = Decoder()
    list(decoder.feed(raster(MAX_ROW_BYTES, 0xFFFF)))
    for _ in range(300):
        list(decoder.feed(bytes(1000)))
        assert len(decoder._buffer) < MAX_ROW_BYTES


def test_double_density_is_refused_whole() -> None:
    decoder = Decoder()
    assert list(decoder.feed(raster(1, 2, density=3) + b"\n\n" + b"\n")) == [Feed(30)]
    assert decoder.unknown_bytes == 10
