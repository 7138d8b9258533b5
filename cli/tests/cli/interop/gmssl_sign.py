# Signs a file with gmssl: the private key, the public key, the file, der or raw.
import sys
from gmssl import func, sm2
private, public, text, form = sys.argv[1:]
signer = sm2.CryptSM2(private_key=private, public_key=public, asn1=form == 'der')
with open(text, 'rb') as message:
    print(signer.sign_with_sm3(message.read(), func.random_hex(signer.para_len)))
