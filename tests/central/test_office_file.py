"""The office's settings as people write them: what is wrong is named, what is right comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from central.office_file import OfficeFileError, office_text, read_office

GOOD = """
holidays = [2026-09-02]
hours = { mon = ["07:30-11:30", "13:30-17:00"], tue = [] }

[[fields]]
id = "ho_tich"
prefix = "A"
name = { vi = "Hộ tịch", en = "Civil status" }
examples = { vi = "Khai sinh" }
daily_limit = 80

[[fields]]
id = "dat_dai"
prefix = "B"
name = { vi = "Đất đai" }
examples = { vi = "Đăng ký" }

[[priorities]]
id = "elderly"
mark = "U"
name = { vi = "Người cao tuổi" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "office.toml"


def test_what_is_shown_can_be_set_again(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    settings = read_office(file)
    assert [field.name.vi for field in settings.fields] == ["Hộ tịch", "Đất đai"]
    assert settings.hours == {"mon": ("07:30-11:30", "13:30-17:00"), "tue": ()}
    file.write_text(office_text(settings), encoding="utf-8")
    assert read_office(file) == settings


@pytest.mark.parametrize(
    ("wrong", "right", "where", "reason"),
    [
        ('prefix = "A"', "prefix = A", "", "line 7"),
        ('prefix = "A"', 'prefix = "a"', "fields[1].prefix", "pattern"),
        ('prefix = "B"', 'prefx = "B"', "fields[2].prefix", "required"),
        ("daily_limit", "daily_limt", "fields[1].daily_limt", "not permitted"),
        ('prefix = "B"', 'prefix = "A"', "fields", "A is there twice"),
        ('prefix = "B"', 'prefix = "AU"', "fields", "AU is there twice"),
        ('"dat_dai"', '"ho_tich"', "fields", "ho_tich is there twice"),
        ("tue = []", 'tue = ["7:30-11:30"]', "hours.tue[1]", "pattern"),
        ("tue = []", 'tue = ["11:30-07:30"]', "hours.tue", "out of order"),
        ("tue = []", 'tue = ["07:30-25:00"]', "hours.tue", "no time of day"),
        ("tue = []", 'tue = ["07:30-11:30", "11:00-12:00"]', "hours.tue", "out of order"),
        ("tue = []", "tuesday = []", "hours.tuesday", "'mon', 'tue'"),
        ("2026-09-02", '"soon"', "holidays[1]", "date"),
    ],
)
def test_a_fault_is_named(file: Path, wrong: str, right: str, where: str, reason: str) -> None:
    assert wrong in GOOD
    file.write_text(GOOD.replace(wrong, right, 1), encoding="utf-8")
    with pytest.raises(OfficeFileError) as fault:
        read_office(file)
    assert fault.value.where.removesuffix("[key]") == where
    assert reason in fault.value.reason


def test_a_screen_has_room_for_so_many(file: Path) -> None:
    priority = '[[priorities]]\nid = "p{n}"\nmark = "{mark}"\nname = {{ vi = "Ưu tiên" }}\n'
    more = "".join(priority.format(n=n, mark="CDEFGH"[n]) for n in range(6))
    file.write_text(GOOD + more, encoding="utf-8")
    with pytest.raises(OfficeFileError, match="priorities: more than 6"):
        read_office(file)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read(file: Path, content: bytes | None) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OfficeFileError):
        read_office(file)
