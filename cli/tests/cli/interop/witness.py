# C2SP signed-note, tlog-checkpoint and tlog-proof, and the consistency proof of
# tlog-witness, from their texts and RFC 9162 section 2.1; the keys by the package
# cryptography. Arguments: the key, an old checkpoint, a record's proof, and the
# proof of growth.
import base64, hashlib, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
vkey, old, record, growth = sys.argv[1], *(open(name, encoding='utf-8').read() for name in sys.argv[2:])
name, key_id, key = vkey.split('+', 2)
key = base64.b64decode(key, validate=True)
assert key[0] == 1 and len(key) == 33
assert hashlib.sha256(name.encode() + b'\n' + key).digest()[:4].hex() == key_id

def opened(note):
    text, signatures = note.rsplit('\n\n', 1)
    text += '\n'
    found = 0
    for line in signatures.splitlines():
        dash, signer, signature = line.split(' ')
        signature = base64.b64decode(signature, validate=True)
        if dash == '\u2014' and signer == name and signature[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode())
            found += 1
    assert found == 1
    origin, size, root = text.splitlines()
    assert origin == name
    return int(size), base64.b64decode(root, validate=True)

def node(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()

def included(leaf, index, size, path):
    fn, sn, root = index, size - 1, leaf
    for step in path:
        assert sn > 0
        if fn & 1 or fn == sn:
            root = node(step, root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node(root, step)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return root

def consistent(first, first_root, second, path):
    if first & (first - 1) == 0:
        path = [first_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        assert sn > 0
        if fn & 1 or fn == sn:
            fr, sr = node(step, fr), node(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, step)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0 and fr == first_root
    return sr

head, note = record.split('\n\n', 1)
header, extra, index, *path = head.splitlines()
assert header == 'c2sp.org/tlog-proof@v1'
frame = base64.b64decode(extra.removeprefix('extra '), validate=True)
index = int(index.removeprefix('index '))
size, root = opened(note)
leaf = hashlib.sha256(b'\0' + frame).digest()
assert included(leaf, index, size, [base64.b64decode(line) for line in path]) == root

head, note = growth.split('\n\n', 1)
first, *path = head.splitlines()
first_size, first_root = opened(old)
assert first == f'old {first_size}'
size, root = opened(note)
assert size > first_size
assert consistent(first_size, first_root, size, [base64.b64decode(line) for line in path]) == root
print(index, first_size, size)
