//! What the generated certificates look like to programs that nobody here wrote.

mod openssl;
mod parsed;
mod policies;

use tongxing_testdata::{
    Attribute, AuthoritySpec, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority, TestdataError,
    Validity, oid,
};

/// The tests' moment, 2026-11-18: openssl is told to judge at it.
pub(crate) const NOW: i64 = 1_795_000_000;

pub(crate) fn authority(
    algorithm: KeyAlgorithm,
    levels: usize,
) -> Result<TestAuthority, TestdataError> {
    let level = |number: usize| {
        let name = format!("Level {number}");
        LevelSpec::new("通行测试", name, algorithm, Validity::decade_around(NOW))
    };
    let root = AuthoritySpec::one_level("integration", level(0));
    let spec = (1..levels).fold(root, |spec, number| spec.below(level(number)));
    TestAuthority::generate(&spec)
}

pub(crate) fn leaf(algorithm: KeyAlgorithm) -> LeafSpec {
    let subject = vec![Attribute::utf8(oid::COMMON_NAME, "通行测试建筑有限公司")];
    LeafSpec::signing(subject, Validity::year_from(NOW)).with_algorithm(algorithm)
}
