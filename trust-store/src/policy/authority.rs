//! One authority's policy, compiled.

use tongxing_pki::{
    Certificate, Finding, Oid, Report, SignatureRules, Sm2UserIds, Strictness, Timestamp,
    ValidatedPath,
};

use super::acceptance::Acceptance;
use super::codes;
use super::file::{self, Parsed, PolicyErrors, Section};
use super::identify::{
    Disclosure, Explanation, Identification, IdentityRules, PolicyTrace, RoleTrace,
};
use super::identity::Identity;
use super::province::ProvincePolicy;
use super::revocation::RevocationPolicy;
use super::text::{PolicyText, format};
use crate::authority::Role;
use crate::ids::AuthorityId;
use crate::recognise::KeyUse;

/// A compiled authority file: what is accepted of one authority's certificates,
/// how revocation is checked, and how the identity is found.
///
/// It holds no reference to any other policy: what one authority's file says
/// cannot change what another's certificates yield.
#[derive(Debug, Clone)]
pub struct AuthorityPolicy {
    text: PolicyText,
    authority: AuthorityId,
    unverified: bool,
    acceptance: Acceptance,
    revocation: RevocationPolicy,
    identity: IdentityRules,
}

impl AuthorityPolicy {
    /// The JSON Schema (2020-12) of authority files, for editors: the keys, their types
    /// and which go together. What it refuses does not load; what it cannot say (a regular
    /// expression that does not compile, for one) only [`AuthorityPolicy::parse`] does.
    pub const SCHEMA: &str = include_str!("../../../policies/schema/authority.schema.json");

    /// Reads and compiles an authority file. `file_name` is for messages only.
    ///
    /// # Errors
    /// [`PolicyErrors`] with every mistake in it; nothing is half loaded.
    pub fn parse(file_name: &str, source: &str) -> Result<Self, PolicyErrors> {
        file::read(file_name, source, |root| {
            let head = root.section("policy").and_then(|section| head(&section));
            let acceptance = table(root, "acceptance", Acceptance::parse);
            let revocation = table(root, "revocation", RevocationPolicy::parse);
            let identity = table(root, "identity", IdentityRules::parse);
            let (label, authority, unverified) = head?;
            Ok(Self {
                text: PolicyText::new(source, label),
                authority,
                unverified,
                acceptance: acceptance?,
                revocation: revocation?,
                identity: identity?,
            })
        })
    }

    /// Whose policy it is.
    pub fn authority(&self) -> &AuthorityId {
        &self.authority
    }

    /// The operators' own name for this edition.
    pub fn label(&self) -> &str {
        self.text.label()
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        self.text.source()
    }

    /// The first half of the text's SHA-256, in hex.
    pub fn version(&self) -> &str {
        self.text.version()
    }

    /// Whether nobody has yet tried it on a real certificate.
    pub fn unverified(&self) -> bool {
        self.unverified
    }

    /// How revocation is checked.
    pub fn revocation(&self) -> &RevocationPolicy {
        &self.revocation
    }

    /// What breaches of the certificate profile (RFC 5280 section 4) do.
    pub fn strictness(&self) -> Strictness {
        self.acceptance.strictness
    }

    /// Which signatures are verified at a moment: those with SHA-1 only where the
    /// policy names them, until its date; SM2 signatures by the user ids that it
    /// names beside the standard's.
    pub fn signature_rules(&self, at: Timestamp) -> SignatureRules {
        self.acceptance.signature_rules(at)
    }

    /// The extended key usages of which the authorities on a path must all allow one for a
    /// role, where their certificates are limited to some.
    pub(crate) fn authority_purposes(&self, role: Role, leaf: &Certificate) -> Vec<Oid> {
        self.acceptance.authority_purposes(role, leaf)
    }

    /// The user ids that the authority's SM2 signers may have used.
    pub fn sm2_user_ids(&self) -> &Sm2UserIds {
        &self.acceptance.sm2_user_ids
    }

    /// Until when it accepts what it accepts only until then.
    pub(crate) fn dates(&self) -> Vec<Timestamp> {
        self.acceptance.dates()
    }

    /// The certificate policies of which a path must be valid for one; `None`
    /// accepts every one.
    pub fn certificate_policies(&self) -> Option<&[Oid]> {
        self.acceptance.policies.as_deref()
    }

    /// Flow 1, step 5: judges a path, leaf first and without the anchor, for a role at a
    /// moment. Every check runs and is reported.
    pub fn accept(&self, path: &[Certificate], role: Role, at: Timestamp) -> Vec<Finding> {
        self.accept_for((path, None), role, KeyUse::Signs, at)
    }

    /// The same of a path that is valid, and for these certificate policies; whatever the
    /// leaf's key is to do.
    pub(crate) fn accept_valid(
        &self,
        path: &ValidatedPath,
        role: Role,
        key_use: KeyUse,
        at: Timestamp,
    ) -> Vec<Finding> {
        self.accept_for((path.certificates(), Some(path.policies())), role, key_use, at)
    }

    /// The same of a path and, where it is valid, the certificate policies for which it is.
    pub(crate) fn accept_for(
        &self,
        (path, valid_for): (&[Certificate], Option<&[Oid]>),
        role: Role,
        key_use: KeyUse,
        at: Timestamp,
    ) -> Vec<Finding> {
        let mut findings = self.acceptance.judge((path, valid_for), role, key_use, at);
        if self.unverified {
            findings.push(Finding::warning(&codes::UNVERIFIED));
        }
        findings
    }

    /// Flow 1, step 7: the identity in a certificate.
    pub fn identify(&self, province: &ProvincePolicy, certificate: &Certificate) -> Identification {
        self.identity.run(province.uscc(), certificate).0
    }

    /// The same with every rule's trial: what it read, each step, what came out; and
    /// what the policy says of the certificate by itself at a moment, in each role that
    /// it has. Path and revocation are not judged.
    pub fn explain(
        &self,
        province: &ProvincePolicy,
        certificate: &Certificate,
        at: Timestamp,
        disclosure: Disclosure,
    ) -> Explanation {
        let (identification, trials) = self.identity.run(province.uscc(), certificate);
        let identity = identification.identity();
        let roles = self.acceptance.roles();
        let acceptance =
            roles.map(|role| self.explain_role(province, certificate, identity, role, at));
        let acceptance = acceptance.collect();
        let policy = PolicyTrace {
            authority: self.authority.to_string(),
            label: self.label().to_owned(),
            version: self.version().to_owned(),
            unverified: self.unverified,
        };
        Explanation::new(policy, identification, &trials, acceptance, disclosure)
    }

    fn explain_role(
        &self,
        province: &ProvincePolicy,
        certificate: &Certificate,
        identity: Option<&Identity>,
        role: Role,
        at: Timestamp,
    ) -> RoleTrace {
        let mut report = Report::new();
        report.extend(self.accept(std::slice::from_ref(certificate), role, at));
        if let Some(identity) = identity {
            report.extend(self.permit(province, identity, role));
        }
        let (verdict, findings) = (report.verdict(), report.findings().to_vec());
        RoleTrace { role: role.as_str(), verdict, findings }
    }

    /// Whether an identity may act in a role: its capacity and assurance, by
    /// the province's rules and by this authority's where they are narrower.
    /// Roles in which nobody acts for an entity ask nothing.
    pub fn permit(
        &self,
        province: &ProvincePolicy,
        identity: &Identity,
        role: Role,
    ) -> Vec<Finding> {
        let whole = province.use_rule(role);
        whole.map(|whole| self.acceptance.permit(role, identity, whole)).unwrap_or_default()
    }
}

fn head(section: &Section<'_>) -> Parsed<(String, AuthorityId, bool)> {
    let label = format(section);
    let authority = section.required("authority", "the id of the authority").and_then(|item| {
        let id = item.nonempty()?.parse::<AuthorityId>();
        id.map_err(|error| item.fail("this is no authority id", &error.to_string()))
    });
    let unverified = section.optional("unverified").map_or(Ok(false), |item| item.boolean());
    section.finish();
    Ok((label?, authority?, unverified?))
}

fn table<T>(
    root: &Section<'_>,
    key: &'static str,
    read: impl FnOnce(&Section<'_>) -> Parsed<T>,
) -> Parsed<T> {
    let section = root.section(key)?;
    let value = read(&section);
    section.finish();
    value
}
