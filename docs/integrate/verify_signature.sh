#!/bin/sh
# Asks whether a signature over a file holds, and for whom. The file flows by; the gateway
# keeps nothing of it.
#
#   verify_signature.sh SIGNATURE CONTENT
set -eu
: "${GATEWAY:?the gateway, such as https://gateway.example}"
: "${PLATFORM_ID:?}" "${PLATFORM_SECRET:?}"
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
failed=0
# The secret goes by standard input: arguments are everybody's to read. What says when to come
# back (Retry-After) is waited for, and only the last answer is shown.
printf 'user = "%s:%s"\n' "$PLATFORM_ID" "$PLATFORM_SECRET" |
    curl --config - --silent --show-error --fail-with-body --retry 2 \
        ${CA_FILE:+--cacert "$CA_FILE"} \
        --form "signature=@$1" --form "content=@$2" \
        --output "$answer" "$GATEWAY/v1/signatures/verify" || failed=$?
cat "$answer"
exit "$failed"
