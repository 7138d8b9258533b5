"""Verifies what is signed with SM2 and SM3, by the `openssl` program (3.0 or newer).

A province whose record has the profile `gm` signs receipts and notices so (`alg` `SM2SM3`),
and a platform may get its tokens so. Neither Python's library nor `cryptography` has SM2;
OpenSSL's library has, and its program comes with every Linux. On Windows name it in OPENSSL.
"""

import base64
import os
import subprocess
import tempfile

# SubjectPublicKeyInfo of a key on the curve SM2 (GM/T 0015): id-ecPublicKey, sm2p256v1.
HEAD = bytes.fromhex('3059301306072a8648ce3d020106082a811ccf5501822d03420004')
# The user id of GM/T 0009.
USER_ID = '1234567812345678'


def decoded(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def integer(octets):
    """The DER of a number that is not negative."""
    octets = octets.lstrip(b'\0') or b'\0'
    if octets[0] & 0x80:
        octets = b'\0' + octets
    return bytes([2, len(octets)]) + octets


def verifies(jwk, message, signature):
    """Whether the key of a key set (RFC 7517) made a JWS signature, the 64 octets of r and s."""
    if (jwk['kty'], jwk['crv'], len(signature)) != ('EC', 'SM2', 64):
        return False
    key = base64.encodebytes(HEAD + decoded(jwk['x']) + decoded(jwk['y']))
    numbers = integer(signature[:32]) + integer(signature[32:])
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        for name, octets in [
            ('key', b'-----BEGIN PUBLIC KEY-----\n' + key + b'-----END PUBLIC KEY-----\n'),
            ('message', message),
            ('signature', bytes([0x30, len(numbers)]) + numbers),
        ]:
            with open(path(name), 'wb') as file:
                file.write(octets)
        done = subprocess.run(
            [os.environ.get('OPENSSL', 'openssl'), 'pkeyutl', '-verify', '-pubin',
             '-inkey', path('key'), '-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:' + USER_ID,
             '-sigfile', path('signature'), '-in', path('message')],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0
