#!/bin/sh
# /usr/local/bin/central, mode 0755: a command of central, as its own user and with its settings.
set -a
. /etc/central/central.env
set +a
exec setpriv --reuid=central --regid=central --init-groups /opt/central/.venv/bin/central "$@"
