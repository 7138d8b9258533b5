"""Keeps a verification with all its evidence, asks how provisional ones were decided, and
verifies what a webhook is sent.

    receipts.py keep SIGNATURE CONTENT RECEIPT
    receipts.py decided [SINCE]
    receipts.py notice < NOTICE

`decided` and `notice` print a line for each decision; the first one's last line is the record
to go on from. Needs PyJWT with cryptography (`pip install pyjwt[crypto]`), and for provinces
whose record has the profile `gm` the program `openssl` (see sm2.py).
"""

import base64
import hashlib
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request

import jwt

import sm2

GATEWAY = os.environ['GATEWAY']


def encoded(octets):
    return base64.b64encode(octets).decode('ascii')


def ask(path, body=None, attempts=3):
    """The octets of an answer. An HTTP error raises."""
    secret = f"{os.environ['PLATFORM_ID']}:{os.environ['PLATFORM_SECRET']}".encode()
    request = urllib.request.Request(
        GATEWAY + path,
        None if body is None else json.dumps(body).encode(),
        {'content-type': 'application/json', 'authorization': 'Basic ' + encoded(secret)},
    )
    trusted = ssl.create_default_context(cafile=os.environ.get('CA_FILE'))
    try:
        with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        # A quota that is used up, or a gateway that is busy, says when to come back.
        wait = error.headers.get('Retry-After')
        if wait is None or attempts <= 1:
            raise
        time.sleep(int(wait))
        return ask(path, body, attempts - 1)


def stated(jws, kind):
    """What a JWS of the gateway states; raises unless a published evidence key signed it."""
    header = jwt.get_unverified_header(jws)
    if header.get('typ') != kind:
        raise jwt.InvalidTokenError('another kind of JWS')
    # The keys of all times: what was signed before a rotation verifies still.
    keys = json.loads(ask('/.well-known/evidence-keys.json'))['keys']
    key = next((key for key in keys if key['kid'] == header.get('kid')), None)
    # What the key is for decides about the algorithm, not what the JWS says.
    if key is None or key['alg'] != header['alg']:
        raise jwt.InvalidTokenError('signed with a key that is not published')
    if key['alg'] == 'SM2SM3':
        message, _, signature = jws.rpartition('.')
        if not sm2.verifies(key, message.encode('ascii'), sm2.decoded(signature)):
            raise jwt.InvalidSignatureError('a false signature')
        statement = json.loads(sm2.decoded(message.partition('.')[2]))
    else:
        # When it was stated is for whoever reads it: receipts are read years later.
        options = {'verify_aud': False, 'verify_iat': False}
        statement = jwt.decode(jws, jwt.PyJWK(key).key, algorithms=['EdDSA'], options=options)
    if statement['iss'] != GATEWAY:
        raise jwt.InvalidIssuerError('of another gateway')
    return statement


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
    for piece in stated(receipt['receipt'], 'tongxing-receipt+jws')['evidence']:
        sha256 = piece['sha256']
        if piece['kind'] == 'withheld':
            # It names a person, and we are not told of persons: whoever signed has it.
            print(f'{sha256}: ask whoever signed for their certificate', file=sys.stderr)
            continue
        octets = own.get(sha256) or ask('/v1/evidence/' + sha256)
        if hashlib.sha256(octets).hexdigest() != sha256:
            raise ValueError(f'{sha256} is not what it is called')
        evidence[sha256] = encoded(octets)
    receipt['evidence'] = evidence
    return answer


def decided(since):
    """How receipts of ours were decided by records after one, and where to go on."""
    decisions = []
    while True:
        notice = json.loads(ask(f'/v1/receipts?since={since}'))
        decisions += notice['decisions']
        since = notice['through']
        if not notice['more']:
            return decisions, since


def decisions_of(notice):
    """The decisions of a notice that is this platform's; raises for any other."""
    told = stated(notice, 'tongxing-notice+jws')
    if told['aud'] != os.environ['PLATFORM_ID']:
        raise jwt.InvalidAudienceError('for another platform')
    return told['decisions']


def tell(decisions):
    for decision in decisions:
        print(decision['receipt'], decision['outcome'])


def main(what, *arguments):
    if what == 'keep':
        signature, content, place = arguments
        with open(signature, 'rb') as one, open(content, 'rb') as other:
            answer = keep(one.read(), other.read())
        with open(place, 'w', encoding='utf-8') as kept:
            json.dump(answer, kept, ensure_ascii=False)
        print(answer['verdict'], answer['receipt']['record'])
    elif what == 'decided':
        decisions, through = decided(int(arguments[0]) if arguments else 0)
        tell(decisions)
        print(through)
    elif what == 'notice':
        tell(decisions_of(sys.stdin.read().strip()))
    else:
        raise SystemExit(__doc__)


if __name__ == '__main__':
    main(*sys.argv[1:] or [''])
