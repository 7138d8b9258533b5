#!/bin/sh
# How the platform's provisional receipts were decided by records after SINCE: the decisions in
# JSON. Go on from its `through`, and at once where `more` is true.
#
#   decided.sh [SINCE]
set -eu
: "${GATEWAY:?the gateway, such as https://gateway.example}"
: "${PLATFORM_ID:?}" "${PLATFORM_SECRET:?}"
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
failed=0
# The secret goes by standard input: arguments are everybody's to read. What says when to come
# back (Retry-After) is waited for, and only the last answer is shown.
printf 'user = "%s:%s"\n' "$PLATFORM_ID" "$PLATFORM_SECRET" |
    curl --config - --silent --show-error --fail-with-body --retry 2 ${CA_FILE:+--cacert "$CA_FILE"} \
        --output "$answer" "$GATEWAY/v1/receipts?since=${1:-0}" || failed=$?
cat "$answer"
exit "$failed"
