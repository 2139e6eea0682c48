"""Where things go on a card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ProvisionError
from kiosk.provision.layout import ALIGN, LEAST_DATA, SECTOR, Partition, Table, plan

MB = 1 << 20
BOOT = Partition(8 * MB, 512 * MB, 0x0C, bootable=True)
ROOT = Partition(520 * MB, 2000 * MB, 0x83)
IMAGE = Table((BOOT, ROOT), b"\x07" * 446)


@given(
    st.integers(1, 3000).map(lambda n: n * 1_000_003),
    st.integers(500 * MB, 9000 * MB).map(lambda n: n // SECTOR * SECTOR),
)
def test_nothing_overlaps_and_everything_is_aligned(bundle: int, root: int) -> None:
    image = Table((BOOT, Partition(520 * MB, root, 0x83)), bytes(446))
    layout = plan(image, bundle, 1 << 40)
    boot, grown, raw = layout.table.partitions
    assert boot == BOOT
    assert grown.start == 520 * MB
    assert grown.size >= root + 1024 * MB
    assert grown.end == raw.start
    assert raw.size >= bundle
    assert raw.end <= layout.data_start
    assert layout.data_start % ALIGN == raw.start % ALIGN == 0
    assert layout.image_bytes == 520 * MB + root


@given(st.binary(min_size=446, max_size=446), st.integers(0, 3))
def test_a_table_is_read_as_it_was_written(code: bytes, count: int) -> None:
    table = Table((BOOT, ROOT, Partition(3000 * MB, MB, 0xDA))[:count], code)
    assert Table.parse(table.render()) == table
    assert len(table.render()) == SECTOR


@given(st.binary(max_size=600))
def test_whatever_is_no_table_is_refused_or_read(sector: bytes) -> None:
    try:
        found = Table.parse(sector)
    except ProvisionError as error:
        key = error.key
    else:
        key = "" if len(found.partitions) <= 4 else "too many"
    assert key in ("", "sd_no_table", "sd_gpt")


def test_the_smallest_card() -> None:
    layout = plan(IMAGE, 300 * MB, 1 << 40)
    least = layout.bundle.end + LEAST_DATA
    assert plan(IMAGE, 300 * MB, least) == layout
    with pytest.raises(ProvisionError) as small:
        plan(IMAGE, 300 * MB, least - 1)
    assert small.value.key == "sd_small"
    assert "GB" in small.value.what("en")


@pytest.mark.parametrize(
    "partitions",
    [(), (ROOT,), (ROOT, BOOT), (BOOT, ROOT, ROOT), (BOOT, Partition(100 * MB, MB, 0x83))],
)
def test_what_is_not_laid_out_as_raspberry_pi_os(partitions: tuple[Partition, ...]) -> None:
    with pytest.raises(ProvisionError) as refused:
        plan(Table(partitions, bytes(446)), MB, 1 << 40)
    assert refused.value.key == "sd_not_raspberry"
