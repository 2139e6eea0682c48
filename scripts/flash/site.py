"""``site.toml``: what makes one card this kiosk's and no other's.

::

    [device]
    hostname = "kiosk-hadong-1"
    ssh_key = "ssh-ed25519 AAAA… technician"        # default: no remote access at all

    [kiosk]
    config = "config.toml"                          # the office's settings, beside this file
    files = ["emblem.png"]                          # what they name: logos, a model, a scene

    [network]                                       # default: cable, DHCP
    wifi = { ssid = "…", password = "…", country = "VN" }
    static = { address = "192.168.1.20/24", gateway = "192.168.1.1", dns = ["192.168.1.1"] }
    time_server = "192.168.1.1"                     # default: the internet's

    [central]
    enrolment_token = "…"                           # of central device enrol; used once
    ca = "office-ca.pem"                            # the authority of the server's certificate

    [updates]
    key = "…"                                       # public half of the publisher's key, hex
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.errors import ConfigError

_TABLES: dict[str, set[str]] = {
    "device": {"hostname", "ssh_key"},
    "kiosk": {"config", "files"},
    "network": {"wifi", "static", "time_server"},
    "central": {"enrolment_token", "ca"},
    "updates": {"key"},
}
_MOST_BYTES = 256 << 10
_MOST_EXTRA = 32 << 20


@dataclass(frozen=True, slots=True)
class Wifi:
    ssid: str
    password: str
    country: str = "VN"


@dataclass(frozen=True, slots=True)
class Static:
    address: str
    gateway: str
    dns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """What ``site.toml`` says, with the files it names."""

    hostname: str
    config: bytes
    ssh_key: str = ""
    wifi: Wifi | None = None
    static: Static | None = None
    time_server: str = ""
    enrolment_token: str = ""
    ca: bytes = b""
    release_key: str = ""
    extra: Mapping[str, bytes] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """What goes to the data volume at first boot, by name."""
        all_of_them = {
            "config.toml": self.config,
            "enrolment-token": self.enrolment_token.encode(),
            "server-ca.pem": self.ca,
            "release-key": self.release_key.encode(),
            **self.extra,
        }
        return {name: content for name, content in all_of_them.items() if content}


def load(path: Path) -> Site:
    """Read ``path``. Raises :class:`ConfigError` with file, line and reason."""
    try:
        source = path.read_text("utf-8")
        tables = tomllib.loads(source)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError("config_unreadable", file=path, reason=reason) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("config_syntax", file=path, reason=error) from error
    return _Reading(path, source, tables).site()


@dataclass(frozen=True, slots=True)
class _Reading:
    path: Path
    source: str
    tables: Mapping[str, Any]

    def site(self) -> Site:
        self._refuse_unknown()
        wifi, static = self._table("network", "wifi"), self._table("network", "static")
        config = self._file("kiosk", "config", "config.toml")
        self._parses("kiosk.config", config)
        return Site(
            hostname=self._text("device", "hostname", _hostname, required=True),
            config=config,
            ssh_key=self._text("device", "ssh_key", _ssh_key),
            wifi=None if wifi is None else self._wifi(wifi),
            static=None if static is None else self._static(static),
            time_server=self._text("network", "time_server", _host),
            enrolment_token=self._text("central", "enrolment_token", _token),
            ca=self._file("central", "ca"),
            release_key=self._text("updates", "key", _key),
            extra=self._extra(),
        )

    def _refuse_unknown(self) -> None:
        for name, table in self.tables.items():
            if name not in _TABLES or not isinstance(table, dict):
                raise self._unknown(name, sorted(_TABLES))
            for key in table:
                if key not in _TABLES[name]:
                    raise self._unknown(f"{name}.{key}", sorted(_TABLES[name]))

    def _wifi(self, table: Mapping[str, Any]) -> Wifi:
        ssid, password = table.get("ssid", ""), table.get("password", "")
        country = table.get("country", "VN")
        if not (isinstance(ssid, str) and 1 <= len(ssid.encode()) <= 32):
            raise self._bad("network.wifi", "ssid: 1 to 32 bytes")
        if not (isinstance(password, str) and 8 <= len(password) <= 63 and password.isprintable()):
            raise self._bad("network.wifi", "password: 8 to 63 characters")
        if not (isinstance(country, str) and re.fullmatch("[A-Z]{2}", country)):
            raise self._bad("network.wifi", "country: two capital letters")
        return Wifi(ssid, password, country)

    def _static(self, table: Mapping[str, Any]) -> Static:
        try:
            address = ipaddress.ip_interface(str(table["address"]))
            gateway = ipaddress.ip_address(str(table["gateway"]))
            dns = tuple(str(ipaddress.ip_address(str(one))) for one in table.get("dns", ()))
        except (KeyError, ValueError) as error:
            raise self._bad("network.static", str(error)) from error
        if "/" not in str(table["address"]) or gateway not in address.network:
            raise self._bad("network.static", "address: with its prefix, as the gateway's network")
        return Static(str(address), str(gateway), dns)

    def _table(self, name: str, key: str) -> Mapping[str, Any] | None:
        value = self.tables.get(name, {}).get(key)
        if value is not None and not isinstance(value, dict):
            raise self._bad(f"{name}.{key}", "a table { … }")
        return value

    def _text(
        self, name: str, key: str, allowed: Callable[[str], str], *, required: bool = False
    ) -> str:
        value = self.tables.get(name, {}).get(key, "")
        if not isinstance(value, str):
            raise self._bad(f"{name}.{key}", "text in quotes")
        if not value and not required:
            return ""
        if fault := allowed(value):
            raise self._bad(f"{name}.{key}", fault)
        return value

    def _file(self, name: str, key: str, default: str = "") -> bytes:
        value = self._text(name, key, lambda _: "") or default
        return self._read(f"{name}.{key}", value, _MOST_BYTES) if value else b""

    def _read(self, key: str, name: str, most: int) -> bytes:
        file = self.path.parent / name
        try:
            content = file.read_bytes()
        except OSError as error:
            raise self._bad(key, f"{file}: {error.strerror}") from error
        if len(content) > most:
            raise self._bad(key, f"{file}: larger than {most >> 10} KiB")
        return content

    def _extra(self) -> dict[str, bytes]:
        names = self.tables.get("kiosk", {}).get("files", [])
        plain = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
        if not (isinstance(names, list) and all(re.fullmatch(plain, str(one)) for one in names)):
            raise self._bad("kiosk.files", "a list of names of files beside this one")
        return {name: self._read("kiosk.files", name, _MOST_EXTRA) for name in names}

    def _parses(self, key: str, content: bytes) -> None:
        try:
            tomllib.loads(content.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise self._bad(key, str(error)) from error

    def _unknown(self, key: str, known: list[str]) -> ConfigError:
        return ConfigError("config_unknown_key", file=self.path, line=self._line(key), key=key,
                           known=", ".join(known))  # fmt: skip

    def _bad(self, key: str, reason: str) -> ConfigError:
        return ConfigError("config_value", file=self.path, line=self._line(key), key=key,
                           reason=reason)  # fmt: skip

    def _line(self, key: str) -> int:
        """Where ``table.key`` is written, the table's line when it is not, 1 when nothing is."""
        table, _, name = key.partition(".")
        inside, at = False, 1
        for number, line in enumerate(self.source.splitlines(), start=1):
            header = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
            if header:
                inside = header[1] == table
                at = number if inside else at
            elif name and inside and re.match(rf"\s*{re.escape(name)}\s*=", line):
                return number
        return at


def _hostname(value: str) -> str:
    good = re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value)
    return "" if good else "small letters, digits and -, at most 63"


def _ssh_key(value: str) -> str:
    good = re.fullmatch(
        r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-\S+|sk-\S+) [A-Za-z0-9+/=]+( [^\n]*)?", value
    )
    return "" if good else "a public key: ssh-ed25519 AAAA… name"


def _host(value: str) -> str:
    return "" if re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", value) else "a name or an address"


def _token(value: str) -> str:
    good = re.fullmatch(r"[A-Za-z0-9_.-]{16,512}", value)
    return "" if good else "as central device enrol printed it"


def _key(value: str) -> str:
    return "" if re.fullmatch(r"[0-9a-f]{64}", value) else "64 hex digits, of bundle.sh --new-key"
