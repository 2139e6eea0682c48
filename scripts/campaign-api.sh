#!/bin/sh
# Sends central's API some four thousand requests made from its own schema, good ones and bad ones:
# none may be a fault of the server. About five minutes.
set -eu
cd "$(dirname "$0")/.."
HYPOTHESIS_PROFILE=campaign exec .venv/bin/pytest tests/central/test_api.py tests/central/test_citizens.py -q "$@"
