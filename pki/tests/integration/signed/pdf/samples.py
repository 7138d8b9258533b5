"""Signs PDF files with pyHanko, for the judgement of others.

Takes the folder with `one.pem`, `two.pem`, `stamper.pem` (RSA) and their keys, `root.pem` and
`issuing.pem`; writes `*.pdf` there.
"""

import sys
from io import BytesIO
from pathlib import Path

from asn1crypto import keys, pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, signers
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

folder = Path(sys.argv[1])


def der(name):
    data = (folder / name).read_bytes()
    return pem.unarmor(data)[2]


def certificate(name):
    return x509.Certificate.load(der(name))


def key(name):
    return keys.PrivateKeyInfo.load(der(name))


chain = SimpleCertificateStore()
for name in ('root.pem', 'issuing.pem'):
    chain.register(certificate(name))


def signer(name):
    return signers.SimpleSigner(certificate(name + '.pem'), key(name + '.key'), chain)


stamper = DummyTimeStamper(certificate('stamper.pem'), key('stamper.key'), certs_to_embed=chain)


def document(xrefs):
    """One page with text, and a form with a text field."""
    writer = PdfFileWriter(stream_xrefs=xrefs)
    content = writer.add_object(generic.StreamObject(stream_data=b'BT /F1 12 Tf 9 9 Td (tender) Tj ET'))
    page = PageObject(contents=content, media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 300))))
    page['/Resources'] = generic.DictionaryObject({pdf_name('/Font'): generic.DictionaryObject({
        pdf_name('/F1'): generic.DictionaryObject({
            pdf_name('/Type'): pdf_name('/Font'), pdf_name('/Subtype'): pdf_name('/Type1'),
            pdf_name('/BaseFont'): pdf_name('/Helvetica')})})})
    page = writer.insert_page(page)
    field = writer.add_object(generic.DictionaryObject({
        pdf_name('/Type'): pdf_name('/Annot'), pdf_name('/Subtype'): pdf_name('/Widget'),
        pdf_name('/FT'): pdf_name('/Tx'), pdf_name('/T'): generic.pdf_string('price'),
        pdf_name('/V'): generic.pdf_string('1'), pdf_name('/P'): page,
        pdf_name('/Rect'): generic.ArrayObject(map(generic.NumberObject, (10, 10, 90, 30)))}))
    page.get_object()['/Annots'] = generic.ArrayObject([field])
    writer.root['/AcroForm'] = generic.DictionaryObject({pdf_name('/Fields'): generic.ArrayObject([field])})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


pdf_name = generic.NameObject


def sign(data, who, field=None, box=None, stamped=False, **options):
    metadata = PdfSignatureMetadata(field_name=field or who, md_algorithm='sha256', **options)
    spec = SigFieldSpec(field or who, box=box) if box else None
    made = PdfSigner(metadata, signer(who), timestamper=stamper if stamped else None, new_field_spec=spec)
    out = made.sign_pdf(IncrementalPdfFileWriter(BytesIO(data)))
    return out.getvalue()


def update(data, change):
    writer = IncrementalPdfFileWriter(BytesIO(data))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def fill(writer):
    field = writer.root['/AcroForm']['/Fields'][0]
    field['/V'] = generic.pdf_string('2')
    writer.mark_update(field.container_ref)


def content(writer):
    page = writer.root['/Pages']['/Kids'][0]
    page.raw_get('/Contents').get_object()._data = b'BT /F1 12 Tf 9 9 Td (other) Tj ET'
    stream = page.raw_get('/Contents').get_object()
    stream._encoded_data = None
    writer.mark_update(page.raw_get('/Contents').reference)


def store(data):
    out = BytesIO(data)
    DocumentSecurityStore.add_dss(out, sig_contents=None, certs=[certificate('issuing.pem')])
    return out.getvalue()


def stamp(data):
    return PdfTimeStamper(stamper).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(data)), 'sha256').getvalue()


pades = {'subfilter': SigSeedSubFilter.PADES}
samples = {}
for kind, xrefs in (('table', False), ('stream', True)):
    plain = document(xrefs)
    samples[f'{kind}-pkcs7'] = sign(plain, 'one')
    basic = samples[f'{kind}-bb'] = sign(plain, 'one', **pades)
    stamped = samples[f'{kind}-bt'] = sign(plain, 'one', stamped=True, **pades)
    samples[f'{kind}-blt'] = store(stamped)
    archived = samples[f'{kind}-blta'] = stamp(store(stamped))
    samples[f'{kind}-blta-again'] = stamp(store(archived))
    samples[f'{kind}-two'] = sign(basic, 'two', **pades)
    samples[f'{kind}-two-visible'] = sign(basic, 'two', box=(0, 0, 90, 30), **pades)
    samples[f'{kind}-filled'] = update(basic, fill)
    samples[f'{kind}-bad-content'] = update(basic, content)
    for number, level in enumerate((MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE), 1):
        certified = sign(plain, 'one', certify=True, docmdp_permissions=level, **pades)
        samples[f'{kind}-p{number}'] = certified
        samples[f'{kind}-p{number}-blta'] = stamp(store(certified))
        verdict = 'bad-' if number == 1 else ''
        if number > 1:
            samples[f'{kind}-p{number}-two'] = sign(certified, 'two', **pades)
        samples[f'{kind}-{verdict}p{number}-filled'] = update(certified, fill)
        samples[f'{kind}-bad-p{number}-content'] = update(certified, content)
    prepared = IncrementalPdfFileWriter(BytesIO(plain))
    append_signature_field(prepared, SigFieldSpec(
        'locking', box=(0, 0, 90, 30),
        field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, fields=['price'])))
    locked = BytesIO()
    prepared.write(locked)
    locked = sign(locked.getvalue(), 'one', field='locking', **pades)
    samples[f'{kind}-locked'] = locked
    samples[f'{kind}-bad-locked-filled'] = update(locked, fill)

for name, data in samples.items():
    (folder / f'{name}.pdf').write_bytes(data)
