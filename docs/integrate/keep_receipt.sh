#!/bin/sh
# Asks whether a signature over a file holds, and keeps what defends the answer years later:
# the answer with its receipt as RECEIPT, and the keys that receipts are checked with as
# RECEIPT.keys. Keep those apart from it: they are what a judge is asked to believe.
#
#   keep_receipt.sh SIGNATURE CONTENT RECEIPT
#   tongxing receipt verify RECEIPT --key RECEIPT.keys --document CONTENT
set -eu
: "${GATEWAY:?the gateway, such as https://gateway.example}"
: "${PLATFORM_ID:?}" "${PLATFORM_SECRET:?}"
ask() {
    curl --silent --show-error --fail-with-body --retry 2 ${CA_FILE:+--cacert "$CA_FILE"} "$@"
}
# The secret goes by standard input: arguments are everybody's to read. What says when to come
# back (Retry-After) is waited for.
printf 'user = "%s:%s"\n' "$PLATFORM_ID" "$PLATFORM_SECRET" |
    ask --config - --output "$3" \
        --form 'request={"options":{"receipt":"bundle"}}' \
        --form "signature=@$1" --form "content=@$2" \
        "$GATEWAY/v1/signatures/verify"
ask --output "$3.keys" "$GATEWAY/v1/evidence-keys"
