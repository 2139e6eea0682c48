"""config.toml: the shipped file says what the code does, and every mistake gets a clear answer."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from kiosk import config
from kiosk.config import Settings
from kiosk.errors import ConfigError

SHIPPED = Path(__file__).parent.parent / "config.toml"
OPTIONAL = {
    "reader.trust",
    "sync.ca_file",
    "recognition.model",
    "office.hours",
    "ticket.logo",
    "ticket.message",
}


def _keys(model: type[BaseModel], prefix: str = "") -> dict[str, object]:
    keys: dict[str, object] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            if field.annotation is not config.Bilingual:
                keys |= _keys(field.annotation, f"{prefix}{name}.")
        elif name not in {"fields", "priorities"}:
            keys[f"{prefix}{name}"] = field.default
    return keys


def test_shipped_file_names_every_key_with_its_default_and_a_comment() -> None:
    source = SHIPPED.read_text(encoding="utf-8")
    tables = tomllib.loads(source)
    settings = config.load(SHIPPED)
    for dotted, default in _keys(Settings).items():
        section, key = dotted.split(".")
        assert re.search(rf"^(# )?{key} = .+  +# \w", source, re.MULTILINE), dotted
        if dotted not in OPTIONAL and section != "office":
            assert key in tables[section], dotted
            value = getattr(getattr(settings, section), key)
            if isinstance(default, Path):
                assert value == SHIPPED.parent / default, dotted
            else:
                assert value == default, dotted


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ('["office", "qr"]', "needs its number"),
        ('["number", "qr", "qr"]', "more than once: qr"),
        ('["number", "counter"]', "ticket.blocks[2]"),
    ],
)
def test_tickets_that_cannot_be(tmp_path: Path, blocks: str, says: str) -> None:
    path = _broken(tmp_path, "blocks = [", f"blocks = {blocks}  # [")
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    assert says in str(raised.value)


def test_the_logo_is_beside_the_settings(tmp_path: Path) -> None:
    path = _broken(tmp_path, "# logo = ", "logo = ")
    assert config.load(path).ticket.logo == tmp_path / "logo.png"


HOURS = "# hours = {"
PRIORITY = """
[[priorities]]
id = "elderly"
mark = "U"
name = { vi = "Người cao tuổi" }
"""


@pytest.mark.parametrize(
    ("spans", "says"),
    [
        ('["7:30-11:30"]', "07:30-11:30"),
        ('["11:30-07:30"]', "ends before it starts"),
        ('["07:30-24:00"]', "07:30-11:30"),
        ('["13:30-17:00", "07:30-11:30"]', "begins before"),
        ('["07:30-11:30", "11:00-17:00"]', "begins before"),
        ("[7]", "office.hours.mon"),
    ],
)
def test_hours_that_cannot_be(tmp_path: Path, spans: str, says: str) -> None:
    path = _broken(tmp_path, HOURS, f"hours = {{ mon = {spans} }} # {{")
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    assert raised.value.key == "config_value"
    assert says in str(raised.value)


def test_an_unknown_day_is_named_beside_the_days_there_are(tmp_path: Path) -> None:
    path = _broken(tmp_path, HOURS, "hours = { monday = [] } # {")
    with pytest.raises(ConfigError, match=r"office\.hours\.monday.*fri, mon, sat"):
        config.load(path)


def test_no_two_series_may_look_alike_on_paper(tmp_path: Path) -> None:
    path = _broken(tmp_path, "[camera]", f"{PRIORITY}[camera]")
    assert config.load(path).priorities[0].name.in_("en") == "Người cao tuổi"
    path = _broken(
        tmp_path, "[camera]", f"{PRIORITY}{PRIORITY.replace('elderly', 'other')}[camera]"
    )
    with pytest.raises(ConfigError, match="begin with the same letters: AU, BU"):
        config.load(path)


def test_a_limit_leaves_something_for_every_kiosk(tmp_path: Path) -> None:
    path = _broken(tmp_path, "# daily_limit = 80", "daily_limit = 2")
    text = path.read_text(encoding="utf-8").replace("lanes = 1 ", "lanes = 3 ")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="ho_tich: a daily_limit of 2"):
        config.load(path)


def _broken(tmp_path: Path, old: str, new: str) -> Path:
    source = SHIPPED.read_text(encoding="utf-8")
    assert old in source
    path = tmp_path / "config.toml"
    path.write_text(source.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("palm_every = 3", "palm_evry = 3", "config_unknown_key", "vision.palm_evry"),
        ("palm_every = 3", "palm_every = 0", "config_value", "greater than 0"),
        ("palm_every = 3", 'palm_every = "often"', "config_value", "vision.palm_every"),
        ("fps = 15.0", "fps = ", "config_syntax", "line 84"),
        ('prefix = "B"', 'prefix = "A"', "config_whole", "share the same prefix"),
        ('prefix = "B"', 'prefix = "ab"', "config_value", "fields[2].prefix"),
        ("lane = 0", "lane = 3", "config_value", "lane 3 does not exist"),
        ("# daily_limit = 80", "daily_limit = 0", "config_value", "fields[1].daily_limit"),
        ('url = ""', 'url = "http://10.0.0.1"', "config_value", "https://"),
        ('band = "#9E1B1F"', 'band = "red"', "config_value", "#RRGGBB"),
        ('kiosk = "K1"', 'kiosk = "kiosk one"', "config_value", "office.kiosk"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, key: str, says: str
) -> None:
    path = _broken(tmp_path, old, new)
    with pytest.raises(ConfigError) as raised:
        config.load(path)
    error = raised.value
    assert error.key == key
    assert says in error.what("en")
    assert str(path) in error.what("vi")
    assert error.do("vi") != error.do("en")
    if "line" in error.fields:
        assert isinstance(error.fields["line"], int)
        line = path.read_text(encoding="utf-8").splitlines()[error.fields["line"] - 1]
        assert new in line or "[" in line


def test_an_unknown_key_names_its_neighbours(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="palm_every"):
        config.load(_broken(tmp_path, "palm_every", "palm_evry"))


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        config.load(tmp_path / "absent.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        config.load(tmp_path / "binary.toml")


def test_english_falls_back_to_vietnamese() -> None:
    text = config.Bilingual(vi="Hộ tịch")
    assert (text.in_("vi"), text.in_("en")) == ("Hộ tịch", "Hộ tịch")
