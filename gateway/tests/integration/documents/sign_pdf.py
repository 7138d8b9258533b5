"""Signs a PDF file with pyHanko: FOLDER SIGNER OUT [--stamped] [--from FILE].

The folder has SIGNER.pem and SIGNER.key, and with --stamped tsa.pem and tsa.key.
"""

import sys
from io import BytesIO
from pathlib import Path

from asn1crypto import keys, pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

folder, name, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3]


def pair(name):
    certificate = pem.unarmor((folder / f'{name}.pem').read_bytes())[2]
    key = pem.unarmor((folder / f'{name}.key').read_bytes())[2]
    return x509.Certificate.load(certificate), keys.PrivateKeyInfo.load(key)


def document():
    writer = PdfFileWriter()
    content = generic.StreamObject(stream_data=b'BT /F1 12 Tf 9 9 Td (tender 1,000,000) Tj ET')
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 300)))
    writer.insert_page(PageObject(contents=writer.add_object(content), media_box=box))
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


given = sys.argv[sys.argv.index('--from') + 1] if '--from' in sys.argv else None
data = (folder / given).read_bytes() if given else document()
certificate, key = pair(name)
signer = signers.SimpleSigner(certificate, key, SimpleCertificateStore())
stamper = DummyTimeStamper(*pair('tsa')) if '--stamped' in sys.argv else None
metadata = PdfSignatureMetadata(
    field_name=name, md_algorithm='sha256', subfilter=SigSeedSubFilter.PADES)
made = PdfSigner(metadata, signer, timestamper=stamper)
signed = made.sign_pdf(IncrementalPdfFileWriter(BytesIO(data)))
(folder / out).write_bytes(signed.getvalue())
