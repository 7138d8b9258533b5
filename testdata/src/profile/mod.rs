//! Four authorities that differ as real ones do, ready for the demo and for tests.
//!
//! | | keys | levels | the company's code | the company's name | the holder |
//! |---|---|---|---|---|---|
//! | A | RSA-2048 | root | subject CN, third part between `@` | CN, second part | not named |
//! | B | ECDSA P-256 | root | extension 1.2.156.10260.4.4 | subject O | not named |
//! | C | ECDSA P-384, leaves P-256 | root, issuing | subject serialNumber | subject O | subject CN, id in 1.2.156.10260.4.1.1 |
//! | D | SM2 | root, issuing | extension 1.2.156.10260.4.1.4 | subject O | not named |

mod ca_a;
mod ca_b;
mod ca_c;
mod ca_d;

use crate::authority::AuthoritySpec;
use crate::identity::{Company, Person};
use crate::leaf::LeafSpec;
use crate::moment::Validity;

/// A synthetic authority's way of doing things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The identity in the common name, its parts joined by `@`.
    A,
    /// The identity in an extension.
    B,
    /// Two levels, the identity in the subject's serialNumber, the holder named.
    C,
    /// SM2 on two levels, the identity in an extension of GM/T 0015.
    D,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// Those whose keys every TLS library and every version of OpenSSL knows.
    pub const WITHOUT_SM2: [Self; 3] = [Self::A, Self::B, Self::C];

    /// The authority's short id.
    pub fn id(self) -> &'static str {
        match self {
            Self::A => "ca-a",
            Self::B => "ca-b",
            Self::C => "ca-c",
            Self::D => "ca-d",
        }
    }

    /// The authority's Chinese name.
    pub fn name_zh(self) -> &'static str {
        match self {
            Self::A => "通行测试甲认证中心",
            Self::B => "通行测试乙认证中心",
            Self::C => "通行测试丙认证中心",
            Self::D => "通行测试丁认证中心",
        }
    }

    /// The authority's English name.
    pub fn name_en(self) -> &'static str {
        match self {
            Self::A => "Tongxing Test Authority A",
            Self::B => "Tongxing Test Authority B",
            Self::C => "Tongxing Test Authority C",
            Self::D => "Tongxing Test Authority D",
        }
    }

    /// The hierarchy, its certificates valid over `validity`.
    pub fn authority(self, validity: Validity) -> AuthoritySpec {
        match self {
            Self::A => ca_a::authority(validity),
            Self::B => ca_b::authority(validity),
            Self::C => ca_c::authority(validity),
            Self::D => ca_d::authority(validity),
        }
    }

    /// The certificate of a company's signing key. The holder appears only where this
    /// authority names one.
    pub fn leaf(self, company: &Company, holder: &Person, validity: Validity) -> LeafSpec {
        match self {
            Self::A => ca_a::leaf(company, validity),
            Self::B => ca_b::leaf(company, validity),
            Self::C => ca_c::leaf(company, holder, validity),
            Self::D => ca_d::leaf(company, validity),
        }
    }

    /// A policy file by which the province recognises this authority's leaves.
    pub fn policy_toml(self) -> &'static str {
        match self {
            Self::A => include_str!("../../policies/ca-a.toml"),
            Self::B => include_str!("../../policies/ca-b.toml"),
            Self::C => include_str!("../../policies/ca-c.toml"),
            Self::D => include_str!("../../policies/ca-d.toml"),
        }
    }

    /// The address where the list covering this authority's leaves would be published.
    fn crl_url(self) -> String {
        format!("http://crl.{}.test/leaves.crl", self.id())
    }
}
