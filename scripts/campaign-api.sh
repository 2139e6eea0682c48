#!/bin/sh
# Sends central's API and its pages some thousands of requests made from their own schemas, good ones
# and bad ones: none may be a fault of the server. About half an hour.
set -eu
cd "$(dirname "$0")/.."
HYPOTHESIS_PROFILE=campaign exec .venv/bin/pytest tests/central/test_api.py tests/central/test_citizens.py tests/central/web/test_fuzz.py -q "$@"
