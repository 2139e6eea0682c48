#!/usr/bin/env bash
# Fetch the browser's scripts that central serves, from the npm packages named in their manifest;
# what arrives must have the hash written there. Needs npm.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
vendor="$root/central/web/static/vendor"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"$root/.venv/bin/python" - "$vendor/manifest.toml" <<'LIST' >"$work/list"
import sys, tomllib
for name, said in tomllib.load(open(sys.argv[1], "rb")).items():
    print(name, said["package"], said["path"], said["sha256"])
LIST
while read -r name package path hash; do
    archive="$(cd "$work" && npm pack --silent "$package")"
    tar -xzf "$work/$archive" -C "$work" "package/$path"
    echo "$hash  $work/package/$path" | sha256sum --quiet --strict -c -
    cp "$work/package/$path" "$vendor/$name"
    echo "$name is $path of $package"
done <"$work/list"
