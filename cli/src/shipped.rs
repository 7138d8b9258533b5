//! The policy files that the program comes with, so that whoever has the binary has
//! them.

/// The province's own policy.
pub(crate) const PROVINCE: &str = include_str!("../../policies/province.toml");

/// What that one is called.
pub(crate) const PROVINCE_NAME: &str = "province.toml";

/// The profiles of authorities, and the schemas that editors check policy files with:
/// names and texts, in the order of the names.
pub(crate) const OTHERS: &[(&str, &str)] = &[
    ("bjca.toml", include_str!("../../policies/bjca.toml")),
    ("cfca.toml", include_str!("../../policies/cfca.toml")),
    ("fujian.toml", include_str!("../../policies/fujian.toml")),
    ("gdca.toml", include_str!("../../policies/gdca.toml")),
    ("gmt0015-generic.toml", include_str!("../../policies/gmt0015-generic.toml")),
    ("hebei.toml", include_str!("../../policies/hebei.toml")),
    ("netca.toml", include_str!("../../policies/netca.toml")),
    ("schema/authority.schema.json", tongxing_trust_store::AuthorityPolicy::SCHEMA),
    ("schema/province.schema.json", tongxing_trust_store::ProvincePolicy::SCHEMA),
    ("sheca.toml", include_str!("../../policies/sheca.toml")),
    ("zhejiang.toml", include_str!("../../policies/zhejiang.toml")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn nothing_that_is_shipped_is_missing() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
        let mut there = BTreeSet::new();
        for below in ["", "schema/"] {
            for entry in std::fs::read_dir(folder.join(below)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|end| end == "toml" || end == "json") {
                    let name = path.file_name().unwrap().to_str().unwrap();
                    there.insert(format!("{below}{name}"));
                }
            }
        }
        let known = OTHERS.iter().map(|(name, _)| *name).chain([PROVINCE_NAME]);
        assert_eq!(known.map(str::to_owned).collect::<BTreeSet<_>>(), there);
    }
}
