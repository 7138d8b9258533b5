"""Writes SM2 signatures that nobody here made: FOLDER SIGNER OUT [attached] [rfc].

OpenSSL signs, asn1crypto encodes the CMS message around it: with the content types of
GM/T 0010 (GB/T 35275), or with those of RFC 5652. The folder has SIGNER.pem, SIGNER.key
and content.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from asn1crypto import core, pem, x509

folder, name, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
options = sys.argv[4:]
GM = '1.2.156.10197.6.1.4.2.'
SM2_SM3, SM3 = '1.2.156.10197.1.501', '1.2.156.10197.1.401'
content = (folder / 'content').read_bytes()
certificate = x509.Certificate.load(pem.unarmor((folder / f'{name}.pem').read_bytes())[2])
data, signed_data = ('1.2.840.113549.1.7.1', '1.2.840.113549.1.7.2')
if 'rfc' not in options:
    data, signed_data = GM + '1', GM + '2'


def element(tag, *parts):
    body = b''.join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, 'big')
    return bytes([tag, 0x80 | len(length)]) + length + body


def oid(dotted):
    return core.ObjectIdentifier(dotted).dump()


def openssl(*arguments):
    subprocess.run(['openssl', *arguments], cwd=folder, check=True, capture_output=True)


def signature(octets):
    (folder / 'to-be-signed').write_bytes(octets)
    openssl('pkeyutl', '-sign', '-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678',
            '-inkey', f'{name}.key', '-in', 'to-be-signed', '-out', 'sm2-signature')
    return (folder / 'sm2-signature').read_bytes()


digest = hashlib.new('sm3', content).digest()
attributes = sorted([
    element(0x30, oid('1.2.840.113549.1.9.3'), element(0x31, oid(data))),
    element(0x30, oid('1.2.840.113549.1.9.4'), element(0x31, core.OctetString(digest).dump())),
])
algorithm = lambda dotted: element(0x30, oid(dotted), core.Null().dump())
signer = element(
    0x30, core.Integer(1).dump(),
    element(0x30, certificate.issuer.dump(), core.Integer(certificate.serial_number).dump()),
    algorithm(SM3), element(0xA0, *attributes), algorithm(SM2_SM3),
    core.OctetString(signature(element(0x31, *attributes))).dump())
inner = [oid(data)]
if 'attached' in options:
    inner.append(element(0xA0, core.OctetString(content).dump()))
message = element(
    0x30, oid(signed_data), element(0xA0, element(
        0x30, core.Integer(1).dump(), element(0x31, algorithm(SM3)), element(0x30, *inner),
        element(0xA0, certificate.dump()), element(0x31, signer))))
(folder / out).write_bytes(message)
