"""Keeps a verification with all its evidence, and asks how provisional ones were decided.

    receipts.py keep SIGNATURE CONTENT RECEIPT
    receipts.py decided [SINCE]

The second prints a line for each decision, and last the record to go on from. Needs PyJWT
with cryptography (`pip install pyjwt[crypto]`). It reads receipts of provinces whose record
has the standard profile; those of the profile `gm` are signed with SM2, which
`tongxing receipt verify` checks.
"""

import base64
import hashlib
import json
import os
import ssl
import sys
import urllib.request

import jwt


def encoded(octets):
    return base64.b64encode(octets).decode('ascii')


def ask(path, body=None):
    """The octets of an answer. An HTTP error raises."""
    secret = f"{os.environ['PLATFORM_ID']}:{os.environ['PLATFORM_SECRET']}".encode()
    request = urllib.request.Request(
        os.environ['GATEWAY'] + path,
        None if body is None else json.dumps(body).encode(),
        {'content-type': 'application/json', 'authorization': 'Basic ' + encoded(secret)},
    )
    trusted = ssl.create_default_context(cafile=os.environ.get('CA_FILE'))
    with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
        return answer.read()


def statement(jws):
    """What a receipt states; raises unless a published evidence key signed it."""
    header = jwt.get_unverified_header(jws)
    if header.get('typ') != 'tongxing-receipt+jws':
        raise jwt.InvalidTokenError('no receipt')
    keys = jwt.PyJWKSet.from_dict(json.loads(ask('/.well-known/evidence-keys.json'))).keys
    key = next((key for key in keys if key.key_id == header.get('kid')), None)
    if key is None:
        raise jwt.InvalidTokenError('signed with a key that is not published')
    return jwt.decode(jws, key.key, algorithms=['EdDSA'], issuer=os.environ['GATEWAY'])


def keep(signature, content):
    """The answer with its receipt, completed by every piece of evidence that it names."""
    answer = json.loads(ask('/v1/signatures/verify', {
        'signature': encoded(signature),
        'content': encoded(content),
        'options': {'receipt': 'signed'},
    }))
    receipt = answer['receipt']
    # What we sent is ours to keep: the gateway has none of it.
    own = {hashlib.sha256(octets).hexdigest(): octets for octets in (signature, content)}
    # A certificate that the message left out comes along with the receipt.
    came = {sha256: base64.b64decode(piece) for sha256, piece in receipt.get('evidence', {}).items()}
    own.update(came)
    evidence = {}
    for piece in statement(receipt['receipt'])['evidence']:
        sha256 = piece['sha256']
        octets = own.get(sha256) or ask('/v1/evidence/' + sha256)
        if hashlib.sha256(octets).hexdigest() != sha256:
            raise ValueError(f'{sha256} is not what it is called')
        evidence[sha256] = encoded(octets)
    receipt['evidence'] = evidence
    return answer


def decided(since):
    """How receipts of ours were decided by records after one, and where to go on."""
    while True:
        notice = json.loads(ask(f'/v1/receipts?since={since}'))
        yield from notice['decisions']
        since = notice['through']
        if not notice['more']:
            return since


def main(what, *arguments):
    if what == 'keep':
        signature, content, place = arguments
        with open(signature, 'rb') as one, open(content, 'rb') as other:
            answer = keep(one.read(), other.read())
        with open(place, 'w', encoding='utf-8') as kept:
            json.dump(answer, kept, ensure_ascii=False)
        print(answer['verdict'], answer['receipt']['record'])
    elif what == 'decided':
        decisions = decided(int(arguments[0]) if arguments else 0)
        while True:
            try:
                decision = next(decisions)
            except StopIteration as end:
                print(end.value)
                return
            print(decision['receipt'], decision['outcome'])
    else:
        raise SystemExit(__doc__)


if __name__ == '__main__':
    main(*sys.argv[1:] or [''])
