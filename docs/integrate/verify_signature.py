"""Asks whether a signature over a file holds, and for whom: SIGNATURE CONTENT.

Python's own library is all that it needs.
"""

import base64
import json
import os
import ssl
import sys
import urllib.request


def verify(signature, content, options=None):
    """The gateway's report. An HTTP error raises; what is wrong with a document does not."""
    encoded = lambda octets: base64.b64encode(octets).decode('ascii')
    body = {'signature': encoded(signature), 'content': encoded(content), 'options': options or {}}
    secret = f"{os.environ['PLATFORM_ID']}:{os.environ['PLATFORM_SECRET']}".encode()
    request = urllib.request.Request(
        os.environ['GATEWAY'] + '/v1/signatures/verify',
        json.dumps(body).encode(),
        {'content-type': 'application/json', 'authorization': 'Basic ' + encoded(secret)},
    )
    trusted = ssl.create_default_context(cafile=os.environ.get('CA_FILE'))
    with urllib.request.urlopen(request, context=trusted, timeout=30) as answer:
        return json.load(answer)


if __name__ == '__main__':
    with open(sys.argv[1], 'rb') as signature, open(sys.argv[2], 'rb') as content:
        report = verify(signature.read(), content.read())
    print(report['verdict'])
    for signature in report['signatures']:
        entity = signature.get('identity', {}).get('entity', {})
        print(signature['indication'], entity.get('value'), entity.get('name'))
    sys.exit(0 if report['verdict'] == 'passed' else 1)
