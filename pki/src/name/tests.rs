use super::*;
use crate::der::reader::push_length;

const UTF8: u8 = tag::UTF8_STRING;
const PRINTABLE: u8 = tag::PRINTABLE_STRING;

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    push_length(&mut octets, content.len());
    octets.extend_from_slice(content);
    octets
}

fn attribute(oid: &Oid, tag: u8, content: &[u8]) -> Vec<u8> {
    let parts = [tlv(tag::OID, oid.as_bytes()), tlv(tag, content)].concat();
    tlv(tag::SEQUENCE, &parts)
}

fn name(relatives: &[Vec<u8>]) -> Name {
    Name::from_der(&tlv(tag::SEQUENCE, &relatives.concat())).expect("well formed")
}

fn common_name(tag: u8, content: &[u8]) -> Name {
    name(&[tlv(tag::SET, &attribute(&Oid::COMMON_NAME, tag, content))])
}

fn bmp(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[test]
fn case_space_and_string_type_do_not_count() {
    let plain = common_name(PRINTABLE, b"Test Authority");
    for other in [
        common_name(UTF8, b"TEST  authority "),
        common_name(tag::BMP_STRING, &bmp("test\u{3000}authority")),
        common_name(tag::TELETEX_STRING, b" Test Authority"),
        common_name(UTF8, "Test\u{AD} Auth\u{200B}ority".as_bytes()),
    ] {
        assert!(plain.matches(&other), "{other}");
        assert_eq!(plain.key(), other.key());
        assert_ne!(plain, other, "the encodings differ");
    }
    assert!(!plain.matches(&common_name(UTF8, b"TestAuthority")));
    assert!(!plain.matches(&name(&[])));
}

#[test]
fn chinese_text_compares_across_types() {
    let utf8 = common_name(UTF8, "通行测试 CA".as_bytes());
    assert!(utf8.matches(&common_name(tag::BMP_STRING, &bmp("通行测试  ca"))));
    assert!(utf8.matches(&common_name(UTF8, "通行测试 CA".as_bytes())));
    assert!(!utf8.matches(&common_name(UTF8, "通行测式 CA".as_bytes())));
    assert_eq!(utf8.to_string(), "CN=通行测试 CA");
}

#[test]
fn case_folding_is_full() {
    let sharp = common_name(UTF8, "Straße ΟΔΟΣ".as_bytes());
    assert!(sharp.matches(&common_name(UTF8, "STRASSE οδος".as_bytes())));
    let compatible = common_name(UTF8, "℡ Ａ".as_bytes());
    assert!(compatible.matches(&common_name(UTF8, b"tel a")));
    let dotless = common_name(UTF8, "ı".as_bytes());
    assert!(!dotless.matches(&common_name(UTF8, b"i")));
}

#[test]
fn what_is_no_text_compares_as_octets() {
    let broken = common_name(UTF8, &[0xB9, 0xAB, 0xCB, 0xBE]);
    assert!(broken.matches(&common_name(UTF8, &[0xB9, 0xAB, 0xCB, 0xBE])));
    assert!(!broken.matches(&common_name(PRINTABLE, &[0xB9, 0xAB, 0xCB, 0xBE])));
    let first = broken.attributes().next().expect("one");
    assert_eq!(first.text(), None);
    assert!(first.breaks_its_type());
    assert_eq!(broken.to_string(), "CN=#0c04b9abcbbe");
}

#[test]
fn sets_have_no_order_and_sequences_do() {
    let cn = attribute(&Oid::COMMON_NAME, UTF8, b"a");
    let ou = attribute(&Oid::ORGANIZATIONAL_UNIT, UTF8, b"b");
    let one = name(&[tlv(tag::SET, &[cn.clone(), ou.clone()].concat())]);
    let other = name(&[tlv(tag::SET, &[ou.clone(), cn.clone()].concat())]);
    assert!(one.matches(&other));
    let apart = name(&[tlv(tag::SET, &cn), tlv(tag::SET, &ou)]);
    let turned = name(&[tlv(tag::SET, &ou), tlv(tag::SET, &cn)]);
    assert!(!one.matches(&apart) && !apart.matches(&turned));
}

#[test]
fn subtrees_are_prefixes_of_relative_names() {
    let country = tlv(tag::SET, &attribute(&Oid::COUNTRY, PRINTABLE, b"CN"));
    let unit = tlv(tag::SET, &attribute(&Oid::ORGANIZATION, UTF8, b"Co"));
    let longer = tlv(tag::SET, &attribute(&Oid::ORGANIZATION, UTF8, b"Company"));
    let base = name(&[country.clone(), unit.clone()]);
    assert!(base.is_within(&base) && base.is_within(&name(&[])));
    assert!(name(&[country.clone(), unit, longer.clone()]).is_within(&base));
    assert!(!name(&[country.clone(), longer]).is_within(&base));
    assert!(!name(&[country]).is_within(&base));
}

#[test]
fn relative_names_are_appended() {
    let base = common_name(UTF8, b"a");
    let relative = tlv(tag::SET, &attribute(&Oid::ORGANIZATION, UTF8, b"b"));
    let longer = base.with_relative(&relative).expect("a SET");
    assert_eq!(longer.to_string(), "O=b,CN=a");
    assert!(longer.is_within(&base));
    assert!(base.with_relative(b"x").is_none());
}

#[test]
fn display_escapes_what_could_mislead() {
    let tricky = common_name(UTF8, b"#a,b+c\n ");
    assert_eq!(tricky.to_string(), "CN=\\#a\\,b\\+c\\0A\\ ");
}

#[test]
fn malformed_names_are_refused() {
    for bad in [&[][..], &[0x30], &[0x31, 0], &[0x30, 2, 0x31, 0], &[0x30, 0, 0]] {
        assert!(Name::from_der(bad).is_err());
    }
}
