#!/bin/sh
# Run inside the container once it is set up; the answers go to the data volume.
exec >/data/check.txt 2>&1
kiosk=/opt/kiosk/bin/kiosk

papers() { find /data/state/paper -name '*.png' | wc -l; }
# wait_for SECONDS COMMAND…: until it is true.
wait_for() {
    seconds=$1
    shift
    while [ "$seconds" -gt 0 ] && ! "$@"; do
        sleep 1
        seconds=$((seconds - 1))
    done
}
is_active() { [ "$(systemctl is-active "$1")" = active ]; }
has_papers() { is_active kiosk.service && [ "$(papers)" -ge "$1" ]; }

wait_for 300 has_papers 1
echo "== failed"
systemctl list-units --state=failed --no-legend --plain
echo "== verify"
systemd-analyze verify /run/systemd/system/*.service /run/systemd/system/*.timer \
    /run/systemd/system/*.target /etc/systemd/system/provision-*.service
echo "status $?"
echo "== security"
for unit in kiosk kiosk-sync kiosk-safe kiosk-enrol kiosk-health kiosk-fetch kiosk-retention \
    kiosk-backup; do
    exposure=$(systemd-analyze security $unit.service --no-pager | tail -1)
    echo "$unit $(echo "$exposure" | grep -o '[0-9]\.[0-9]')"
done
echo "== active"
systemctl is-active kiosk.service kiosk-sync.service
echo "== root"
touch /usr/x && ls -d /usr/x
echo "== enrolled"
not_there() { [ ! -e /data/state/enrolment-token ]; }
wait_for 60 not_there
ls /data/state/device.json

echo "== safe"
# A kiosk that cannot start hands over to the safe screen, and is tried again later.
broken=/run/systemd/system/kiosk.service.d/99-broken.conf
printf '[Service]\nExecStart=\nExecStart=/bin/false\n' >$broken
systemctl daemon-reload
systemctl --no-block restart kiosk.service
wait_for 180 is_active kiosk-safe.service
systemctl is-active kiosk.service kiosk-safe.service
rm $broken
systemctl daemon-reload
systemctl start provision-retry.service
wait_for 180 is_active kiosk.service
systemctl is-active kiosk.service kiosk-safe.service

# The server offers two newer releases. The newest does not start: the old one must be back, and
# the next night takes the other.
is_over() {
    case "$(systemctl is-active provision-update.service)" in
    activating | active) return 1 ;;
    esac
}
one_night() {
    systemctl start kiosk-fetch.service
    sleep 2 # OnSuccess= starts the installation
    wait_for 900 is_over
    $kiosk update status --json
    wait_for 180 is_active kiosk.service
    systemctl is-active kiosk.service
}
echo "== night1"
one_night
echo "== night2"
before=$(papers)
one_night
wait_for 180 has_papers $((before + 1))
echo "papers $before $(papers)"
systemctl start kiosk-health.service
sleep 20 # until sync has told the server
echo "== log"
journalctl -b -u kiosk -u kiosk-sync -u kiosk-enrol -u kiosk-fetch -u provision-select \
    -u provision-update -u kiosk-health --no-pager
sync
systemctl --no-block poweroff
