//! The findings about PDF files. The attacks have the names of those who published
//! them: Mladenov, Mainka, Meyer zu Selhausen, Grothe, Schwenk, *1 Trillion Dollar
//! Refund* (CCS 2019); Mainka, Mladenov, Rohlmann, *Shadow Attacks* (NDSS 2021), and
//! *Breaking the Specification: PDF Certification* (IEEE S&P 2021).

crate::define_codes! { codes: pub, list: pub(crate) PDF;
    PDF_UNIVERSAL_FORGERY = "pdf.universal_forgery", "ISO 32000-2 12.8.1; CCS 2019 (USF)",
        "签名字典的 ByteRange 或 Contents 缺失、为空或不合规定（通用签名伪造）。",
        "ByteRange or Contents of the signature is missing, empty or not as prescribed (universal signature forgery).",
        Bidder, SIGN_AGAIN,
        "PDF 中的签名残缺不全，可能是伪造的。",
        "The signature in the PDF lacks what makes it one, and may be forged.";
    PDF_SIGNATURE_WRAPPING = "pdf.signature_wrapping", "ISO 32000-2 12.8.1; CCS 2019 (SWA)",
        "签名未覆盖的部分不正是签名值本身（签名包装）。",
        "What the signature leaves out is not exactly its own value (signature wrapping).",
        Bidder, SIGN_AGAIN,
        "PDF 中有签名没有覆盖的内容，可能被人插入。",
        "The PDF has content that the signature leaves out, which somebody may have put in.";
    PDF_COVERAGE = "pdf.coverage", "ETSI EN 319 142-1 5.5; ISO 32000-2 12.8.1",
        "签名没有完整覆盖文件的任何一个修订版本。",
        "The signature does not cover a revision of the file to its end.",
        Bidder, SIGN_AGAIN,
        "签名只覆盖了 PDF 的一部分。",
        "The signature covers a part of the PDF only.";
    PDF_COVERS_FILE = "pdf.covers_file", "ETSI EN 319 142-1 5.5",
        "签名覆盖整个文件。",
        "The signature covers the whole file.",
        Nobody, NOTHING,
        "签名覆盖整个文件。",
        "The signature covers the whole file.";
    PDF_COVERS_REVISION = "pdf.covers_revision", "ETSI EN 319 142-1 5.5; ISO 32000-2 7.5.6",
        "签名覆盖文件的一个修订版本；此后文件又有更新。",
        "The signature covers a revision of the file; updates follow it.",
        Nobody, NOTHING,
        "签名之后，文件又有更新。",
        "The file was updated after it was signed.";
    PDF_UNCHANGED = "pdf.unchanged", "ISO 32000-2 12.8.2",
        "签名之后没有任何变动。",
        "Nothing changed after the signature.",
        Nobody, NOTHING,
        "文件在签名之后没有变动。",
        "Nothing was changed after the signature.";
    PDF_CHANGES_PERMITTED = "pdf.changes_permitted", "ISO 32000-2 12.8.2.2",
        "签名之后只有允许的变动。",
        "Only what is permitted changed after the signature.",
        Nobody, NOTHING,
        "文件在签名之后只有允许的变动。",
        "Only what may change was changed after the signature.";
    PDF_CONTENT_CHANGED = "pdf.content_changed", "ISO 32000-2 12.8.2",
        "签名之后内容有变动。",
        "Content changed after the signature.",
        Bidder, SEND_ORIGINAL,
        "文件的内容在签名之后被改动过。",
        "The content of the file was changed after it was signed.";
    PDF_CONTENT_UNREADABLE = "pdf.content_unreadable", "ISO 32000-2 7.3",
        "文件在签名之后有更新，而其中一个对象无法读取，不能确认内容未变。",
        "The file was updated, and an object of it cannot be read: whether content changed cannot be told.",
        Bidder, SIGN_AGAIN,
        "PDF 中有损坏之处，无法确认签名之后内容是否变动。",
        "The PDF is damaged, so that whether it was changed after signing cannot be told.";
    PDF_NOT_PERMITTED = "pdf.change_not_permitted", "ISO 32000-2 12.8.2.2, table 257",
        "签名不允许此后作这种变动。",
        "The signature does not permit a change of this kind.",
        Bidder, SEND_ORIGINAL,
        "文件在签名之后有签名者不允许的变动。",
        "The file was changed after signing in a way that its signer does not permit.";
    PDF_LOCKED_FIELD = "pdf.locked_field", "ISO 32000-2 12.8.2.4, 12.7.5.5",
        "签名之后改动了被签名锁定的表单域。",
        "A form field that the signature locks was changed.",
        Bidder, SEND_ORIGINAL,
        "签名时锁定的表单内容在签名之后被改动过。",
        "A part of the form that was locked by the signature was changed.";
    PDF_INCREMENTAL_SAVING = "pdf.incremental_saving", "ISO 32000-2 7.5.6; CCS 2019 (ISA)",
        "签名之后追加了替换内容的对象或不属于任何修订版本的数据（增量保存攻击）。",
        "Objects that replace content, or octets that are no proper update, were appended (incremental saving attack).",
        Bidder, SEND_ORIGINAL,
        "签名之后，文件末尾被追加了改变内容的数据。",
        "Something that changes the content was appended to the signed file.";
    PDF_SHADOW_HIDE = "pdf.shadow_hide", "NDSS 2021 (shadow attacks: hide)",
        "签名之后，已签名的内容被移除，其下的内容可能因此显露（影子攻击：隐藏）。",
        "Something was taken away after signing, which may uncover what lay below (shadow attack: hide).",
        Bidder, SEND_ORIGINAL,
        "签名之后，文件中有内容被移除。",
        "Something was removed from the file after it was signed.";
    PDF_SHADOW_REPLACE = "pdf.shadow_replace", "NDSS 2021 (shadow attacks: replace)",
        "签名之后，字体或外观被替换，显示的内容与数据不符（影子攻击：替换）。",
        "A font or an appearance was replaced after signing, so that what is seen is not what is held (shadow attack: replace).",
        Bidder, SEND_ORIGINAL,
        "签名之后，文件的显示方式被改动过。",
        "The look of the file was changed after it was signed.";
    PDF_SHADOW_HIDE_AND_REPLACE = "pdf.shadow_hide_and_replace", "NDSS 2021 (shadow attacks: hide and replace)",
        "签名之后，文件改为指向事先藏在其中的内容（影子攻击：隐藏并替换）。",
        "After signing, the file leads to content that had been hidden in it (shadow attack: hide and replace).",
        Bidder, SEND_ORIGINAL,
        "签名之后，文件显示的是事先藏在其中的另一份内容。",
        "After signing, the file shows another content that had been hidden in it.";
    PDF_EVIL_ANNOTATION = "pdf.evil_annotation", "IEEE S&P 2021 (EAA); ISO 32000-2 12.5",
        "签名之后添加或改动了可以遮盖或冒充内容的批注（恶意批注攻击）。",
        "An annotation that can cover content or pass for it was added or changed after signing (evil annotation attack).",
        Bidder, SEND_ORIGINAL,
        "签名之后，文件上加了可能冒充内容的批注。",
        "An annotation that could pass for content was put on the file after signing.";
    PDF_SNEAKY_SIGNATURE = "pdf.sneaky_signature", "IEEE S&P 2021 (SSA); ISO 32000-2 12.8.2.2",
        "签名之后添加或移动了可见的签名域，可以遮盖内容（潜入签名攻击）。",
        "A visible signature field that can cover content was added or moved after signing (sneaky signature attack).",
        Bidder, SEND_ORIGINAL,
        "签名之后，文件上加了可能遮盖内容的签名栏。",
        "A signature box that could cover content was put on the file after signing.";
    PDF_SIGNATURE_REMOVED = "pdf.signature_removed", "ISO 32000-2 12.8.1",
        "文件较早的修订版本中的签名已被移除。",
        "A signature of an earlier revision was removed.",
        Bidder, SEND_ORIGINAL,
        "文件中原有的一个签名已被移除。",
        "A signature that was in the file has been removed.";
    PDF_DUPLICATE_KEY = "pdf.duplicate_key", "ISO 32000-2 7.3.7",
        "同一字典中有重复的键，不同的阅读器会取不同的值。",
        "A dictionary has a key twice: readers differ in which they take.",
        Bidder, SIGN_AGAIN,
        "PDF 写得有歧义，不同软件的显示可能不同。",
        "The PDF is ambiguous: programs may show it differently.";
    PDF_XREF_REPEATED = "pdf.xref_repeated", "ISO 32000-2 7.5.4",
        "交叉引用表中同一对象有多个位置。",
        "A cross-reference section places an object more than once.",
        Bidder, SIGN_AGAIN,
        "PDF 写得有歧义，不同软件的显示可能不同。",
        "The PDF is ambiguous: programs may show it differently.";
    PDF_HIDDEN_OBJECT = "pdf.hidden_object", "ISO 32000-2 7.5.4; NDSS 2021",
        "文件中有交叉引用表未列出的数据。",
        "The file has octets that no cross-reference leads to.",
        Nobody, NOTHING,
        "PDF 中含有未被引用的数据。",
        "The PDF holds data that nothing in it refers to.";
    PDF_OBJECT_UNREADABLE = "pdf.object_unreadable", "ISO 32000-2 7.3.10",
        "交叉引用表所指之处不是该对象，或者对象无法读取。",
        "The cross-reference leads to what is not the object, or cannot be read.",
        Nobody, NOTHING,
        "PDF 中有一处数据损坏。",
        "A part of the PDF is damaged.";
    PDF_SUBFILTER = "pdf.signature_kind", "ISO 32000-2 table 260; ETSI EN 319 142-1 6.2",
        "不支持此种 PDF 签名编码。",
        "PDF signatures of this encoding are not supported.",
        Bidder, SIGN_AGAIN,
        "PDF 采用了不受支持的签名方式。",
        "The PDF was signed in a way that is not supported.";
    PDF_REVISION = "pdf.revision", "ISO 32000-2 7.5.6",
        "签名所在的表单域和所签的修订版本。",
        "The field of the signature, and the revision that was signed.",
        Nobody, NOTHING,
        "签名对应 PDF 的这一版本。",
        "The signature belongs to this version of the PDF.";
    PDF_CERTIFIED = "pdf.certified", "ISO 32000-2 12.8.2.2",
        "签名是认证签名，规定了此后允许的变动。",
        "The signature certifies the document, and says what may change.",
        Nobody, NOTHING,
        "这是认证签名，规定了此后允许的变动。",
        "This signature certifies the document and says what may change.";
    PDF_CERTIFICATION_LATE = "pdf.certification_late", "ISO 32000-2 12.8.2.2.1",
        "认证签名不是文件的第一个签名。",
        "The certification is not the first signature of the document.",
        Nobody, NOTHING,
        "认证签名加在其他签名之后。",
        "The document was certified after others had signed it.";
    PDF_CLAIM = "pdf.claim", "ISO 32000-2 table 255",
        "签名者的自述（原因、地点、姓名），未经证实。",
        "What the signature says of itself (reason, location, name); nothing proves it.",
        Nobody, NOTHING,
        "签名中写有签名者的自述，未经证实。",
        "The signature states something about itself, which nothing proves.";
}
