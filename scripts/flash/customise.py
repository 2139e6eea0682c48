"""The files that make an image this kiosk: what cloud-init or ``firstrun.sh`` reads at first boot.

Pure: a site in, the files of the boot partition out. Current Raspberry Pi OS images (trixie)
carry cloud-init, whose files on the boot partition are read; older ones start ``firstrun.sh``
from the kernel's command line, as Raspberry Pi Imager has them do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal

from scripts.flash.site import Site

Style = Literal["cloud-init", "firstrun"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
LOCALE = "vi_VN.UTF-8"
USER = "technician"
_CALL = "kiosk/first-boot.sh"

_MAKE_LOCALE = (
    "locale -a | grep -qix vi_VN.utf8 || "
    f"{{ echo '{LOCALE} UTF-8' >>/etc/locale.gen && locale-gen >/dev/null; }}"
)

FIRST_BOOT = """\
#!/bin/sh
# Started from the boot partition until the card is set up. Puts the program that sets it up into
# the system, whole or not at all, and hands over to it.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
say() {
    for screen in /dev/tty1 /dev/console; do
        printf '\\n  %s\\n  %s\\n' "$1" "$2" >"$screen" 2>/dev/null || true
    done
}
[ ! -e /usr/lib/kiosk/sealed ] || exit 0
half="THE NHO GHI CHUA XONG: hay ghi lai the."
if [ ! -e "$here/complete.json" ]; then
    say "$half" "This card was not written to the end: write it again."
    exit 1
fi
if [ ! -e /usr/lib/kiosk/provision ]; then
    bundle="$here/bundle.tar"
    if [ ! -e "$bundle" ]; then
        root="$(findmnt -no SOURCE /)"
        bundle="${root%2}3"
    fi
    rm -rf /usr/lib/kiosk.part
    mkdir /usr/lib/kiosk.part
    if ! tar -xf "$bundle" -C /usr/lib/kiosk.part --strip-components=1 provision; then
        say "$half" "The bundle on this card cannot be read: write the card again."
        exit 1
    fi
    sync
    rm -rf /usr/lib/kiosk
    mv /usr/lib/kiosk.part /usr/lib/kiosk
    sync
fi
/usr/lib/kiosk/provision start
[ "${1:-}" != now ] || systemctl --no-block start provision-first-boot.service
"""


def style_of(names: Sequence[str]) -> Style:
    """How an image is told things, by the names on its boot partition."""
    lower = {name.lower() for name in names}
    return "cloud-init" if {"user-data", "meta-data"} & lower else "firstrun"


def files(site: Site, style: Style, cmdline: str, instance: str) -> dict[str, bytes]:
    """Every file of the boot partition that is new or changed, by path.

    ``instance`` is fresh for each card: cloud-init does its work once for each.
    """
    made = {f"kiosk/site/{name}": content for name, content in site.files().items()}
    made[_CALL] = FIRST_BOOT.encode()
    if style == "cloud-init":
        made["meta-data"] = f"instance-id: {instance}\n".encode()
        made["user-data"] = _user_data(site)
        made["network-config"] = _yaml(_network(site))
        extra = f"ds=nocloud;i={instance}"
    else:
        made["firstrun.sh"] = _firstrun(site).encode()
        extra = (
            "systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot "
            "systemd.unit=kernel-command-line.target"
        )
    made["cmdline.txt"] = f"{_plain(cmdline)} {extra}\n".encode()
    return made


def _plain(cmdline: str) -> str:
    """Without the image's own first boot: it would grow the root over the bundle."""
    dropped = re.compile(r"(init|systemd\.run(_\w+)?|systemd\.unit|ds)=.*|resize")
    return " ".join(word for word in cmdline.split() if not dropped.fullmatch(word))


def _yaml(value: object) -> bytes:
    """JSON, which is YAML; nothing of a site needs more."""
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def _user_data(site: Site) -> bytes:
    user: dict[str, object] = {
        "name": USER, "groups": "adm,sudo,video", "shell": "/bin/bash", "lock_passwd": True,
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
    }  # fmt: skip
    table: dict[str, object] = {
        "hostname": site.hostname,
        "manage_etc_hosts": True,
        "timezone": TIME_ZONE,
        "locale": LOCALE,
        "ssh_pwauth": False,
        "package_update": False,
        # At every start until the card is set up: a power cut must not be the end of it.
        "bootcmd": [["sh", "-c", _MAKE_LOCALE], ["sh", f"/boot/firmware/{_CALL}", "now"]],
        "users": [user] if site.ssh_key else [],
    }
    if site.ssh_key:
        user["ssh_authorized_keys"] = [site.ssh_key]
        table["runcmd"] = [["systemctl", "enable", "--now", "ssh.service"]]
    if site.time_server:
        table["write_files"] = [
            {"path": "/etc/systemd/timesyncd.conf.d/kiosk.conf", "content": _time(site)}
        ]
    return b"#cloud-config\n" + _yaml(table)


def _network(site: Site) -> dict[str, object]:
    addresses: dict[str, object] = {"dhcp4": True, "optional": True}
    if site.static:
        addresses = {
            "dhcp4": False, "optional": True, "addresses": [site.static.address],
            "routes": [{"to": "default", "via": site.static.gateway}],
            "nameservers": {"addresses": list(site.static.dns)},
        }  # fmt: skip
    network: dict[str, object] = {"version": 2}
    if site.wifi:
        points = {site.wifi.ssid: {"password": site.wifi.password}}
        network["wifis"] = {
            "wlan0": {**addresses, "regulatory-domain": site.wifi.country, "access-points": points}
        }
        addresses = {"dhcp4": True, "optional": True}
    network["ethernets"] = {"eth0": addresses}
    return network


def _time(site: Site) -> str:
    return f"[Time]\nNTP={site.time_server}\n"


def _firstrun(site: Site) -> str:
    """Shell for images without cloud-init. Safe to be run again: a power cut may end it."""
    lines = [
        "#!/bin/sh",
        "# Written by flash.sh; run at each start until it is through.",
        "set -eu",
        f"echo {site.hostname} >/etc/hostname",
        "sed -i '/^127\\.0\\.1\\.1/d' /etc/hosts",
        f"printf '127.0.1.1\\t{site.hostname}\\n' >>/etc/hosts",
        f"echo {TIME_ZONE} >/etc/timezone",
        f"ln -sf /usr/share/zoneinfo/{TIME_ZONE} /etc/localtime",
        _MAKE_LOCALE,
        f"echo LANG={LOCALE} >/etc/default/locale",
    ]
    if site.ssh_key:
        home = f"/home/{USER}"
        lines += [
            f"id {USER} >/dev/null 2>&1 || useradd -m -s /bin/bash -G adm,sudo,video {USER}",
            f"install -d -m 700 -o {USER} -g {USER} {home}/.ssh",
            f"echo {_quoted(site.ssh_key)} >{home}/.ssh/authorized_keys",
            f"chown {USER}:{USER} {home}/.ssh/authorized_keys",
            f"echo '{USER} ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/010_{USER}",
            f"chmod 440 /etc/sudoers.d/010_{USER}",
            "systemctl enable --quiet ssh.service",
        ]
    for name, connection in _connections(site).items():
        at = f"/etc/NetworkManager/system-connections/{name}.nmconnection"
        lines += [f"install -D -m 600 /dev/null {at}", f"cat >{at} <<'KIOSK'", connection, "KIOSK"]
    if site.time_server:
        at = "/etc/systemd/timesyncd.conf.d/kiosk.conf"
        lines += [f"install -D -m 644 /dev/null {at}", f"cat >{at} <<'KIOSK'", _time(site), "KIOSK"]
    lines += [
        f"sh /boot/firmware/{_CALL}",
        "sed -i 's/ systemd\\.[a-z_]*=[^ ]*//g' /boot/firmware/cmdline.txt",
        "sync",
    ]
    return "\n".join(lines) + "\n"


def _connections(site: Site) -> dict[str, str]:
    """NetworkManager's own files."""
    ipv4 = "[ipv4]\nmethod=auto\n"
    if site.static:
        dns = ";".join(site.static.dns)
        ipv4 = f"[ipv4]\nmethod=manual\naddress1={site.static.address},{site.static.gateway}\n"
        ipv4 += f"dns={dns};\n" if dns else ""
    if site.wifi:
        return {
            "kiosk-wifi": "[connection]\nid=kiosk-wifi\ntype=wifi\n"
            f"[wifi]\nmode=infrastructure\nssid={site.wifi.ssid}\n"
            f"[wifi-security]\nkey-mgmt=wpa-psk\npsk={site.wifi.password}\n{ipv4}"
        }
    return (
        {"kiosk-cable": f"[connection]\nid=kiosk-cable\ntype=ethernet\n{ipv4}"}
        if site.static
        else {}
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
