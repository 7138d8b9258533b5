"""Verifies an identity token with the published keys: TOKEN on standard input.

Needs PyJWT with cryptography (`pip install pyjwt[crypto]`).
"""

import json
import os
import ssl
import sys
import urllib.request

import jwt


def verify(token):
    """The claims of a token that is this platform's; raises for any other."""
    gateway = os.environ['GATEWAY']
    trusted = ssl.create_default_context(cafile=os.environ.get('CA_FILE'))
    with urllib.request.urlopen(
            gateway + '/.well-known/jwks.json', context=trusted, timeout=30) as answer:
        # They may be kept for five minutes; a key that is not among them is asked for again.
        keys = jwt.PyJWKSet.from_dict(json.load(answer)).keys
    header = jwt.get_unverified_header(token)
    if header.get('typ') != 'at+jwt':
        raise jwt.InvalidTokenError('another kind of token')
    key = next((key for key in keys if key.key_id == header.get('kid')), None)
    if key is None:
        raise jwt.InvalidTokenError('signed with a key that is not published')
    # A token says its algorithm itself: which ones are taken is never its to say.
    return jwt.decode(
        token,
        key.key,
        algorithms=['ES256', 'EdDSA'],
        audience=os.environ['PLATFORM_ID'],
        issuer=gateway,
        options={'require': ['exp', 'iat', 'nbf', 'jti', 'sub']},
    )


if __name__ == '__main__':
    print(json.dumps(verify(sys.stdin.read().strip()), ensure_ascii=False))
