//! The files of a verification, read once: PEM, DER or base64 each.

use crate::path::codes;
use crate::pem::{PemLabel, decode_pem_or_der};
use crate::revocation::{
    self, Moment, RevocationLists, RevocationOptions, RevocationResponses, RevocationSources,
};
use crate::{
    Anchors, Certificate, CertificatePool, Code, Crl, Fault, Finding, OcspReply, PathOptions,
    Report, ValidatedPath,
};

/// Everything but what is verified. What cannot be read is a finding and left out.
pub(super) struct Inputs {
    pub(super) anchors: Anchors,
    pub(super) intermediates: CertificatePool,
    lists: RevocationLists,
    responses: RevocationResponses,
    /// Whether any list or response was given, readable or not: then it is asked.
    asked: Asked,
}

/// Whether revocation is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Yes,
    No,
}

/// The files themselves.
#[derive(Clone, Copy)]
pub(super) struct Files<'f> {
    pub(super) anchors: &'f [Vec<u8>],
    pub(super) intermediates: &'f [Vec<u8>],
    pub(super) lists: &'f [Vec<u8>],
    pub(super) responses: &'f [Vec<u8>],
}

/// Evidence that came along with what is verified.
#[derive(Clone, Copy)]
pub(super) struct Along<'a> {
    pub(super) pool: &'a CertificatePool,
    pub(super) lists: &'a RevocationLists,
    pub(super) responses: &'a RevocationResponses,
}

impl Inputs {
    pub(super) fn read(files: Files<'_>, report: &mut Report) -> Self {
        let role = Role("intermediate", &codes::INPUT_INTERMEDIATE_MALFORMED);
        let intermediates = read_certificates(files.intermediates, &role, report);
        let role = Role("anchor", &codes::INPUT_ANCHOR_MALFORMED);
        let anchors = read_certificates(files.anchors, &role, report);
        let lists = read_lists(files.lists, report);
        let asked = !files.lists.is_empty() || !files.responses.is_empty();
        Self {
            anchors: anchors.into_iter().collect(),
            intermediates: intermediates.into_iter().collect(),
            lists: lists.into_iter().collect(),
            responses: read_responses(files.responses, report),
            asked: if asked { Asked::Yes } else { Asked::No },
        }
    }

    /// The findings about revocation, where it is asked.
    pub(super) fn check_revocation(
        &self,
        path: Option<&ValidatedPath>,
        options: &PathOptions,
        moment: Moment,
        along: Along<'_>,
    ) -> Report {
        let mut report = Report::new();
        if self.asked == Asked::No {
            report.push(Finding::info(&revocation::codes::NOT_ASKED));
            return report;
        }
        let Some(path) = path else {
            report.push(Finding::info(&revocation::codes::NO_PATH));
            return report;
        };
        let sources = RevocationSources {
            lists: &[&self.lists, along.lists],
            responses: &[&self.responses, along.responses],
            anchors: &self.anchors,
            pools: &[&self.intermediates, along.pool],
        };
        let mut options = RevocationOptions::of(options);
        options.moment = moment;
        revocation::check_revocation(path, &sources, &options).report
    }
}

/// How a file is named in findings, and what a malformed one is.
struct Role(&'static str, &'static Code);

pub(super) fn read_leaf(
    file: &[u8],
    report: &mut Report,
) -> (Option<Certificate>, Vec<Certificate>) {
    let (mut leaf, mut others) = (None, Vec::new());
    let ders = decode_pem_or_der(file, PemLabel::Certificate).unwrap_or_else(|fault| {
        report.push(Finding::failed(&codes::INPUT_LEAF_MALFORMED).seen(fault));
        Vec::new()
    });
    for (index, der) in ders.iter().enumerate() {
        match (Certificate::parse(der), index) {
            (Ok(certificate), 0) => leaf = Some(certificate),
            (Ok(certificate), _) => others.push(certificate),
            (Err(fault), 0) => {
                report.push(Finding::failed(&codes::INPUT_LEAF_MALFORMED).seen(fault));
            }
            (Err(fault), _) => {
                let finding = Finding::warning(&codes::INPUT_INTERMEDIATE_MALFORMED).seen(fault);
                report.push(finding.about(format_args!("certificate {}", index + 1)));
            }
        }
    }
    (leaf, others)
}

fn read_certificates(files: &[Vec<u8>], role: &Role, report: &mut Report) -> Vec<Certificate> {
    read_all(files, PemLabel::Certificate, role, Certificate::parse, report)
}

fn read_lists(files: &[Vec<u8>], report: &mut Report) -> Vec<Crl> {
    let role = Role("list", &codes::INPUT_LIST_MALFORMED);
    read_all(files, PemLabel::Crl, &role, Crl::parse, report)
}

fn read_responses(files: &[Vec<u8>], report: &mut Report) -> RevocationResponses {
    let role = Role("response", &codes::INPUT_RESPONSE_MALFORMED);
    let mut responses = RevocationResponses::new();
    for reply in read_all(files, PemLabel::OcspResponse, &role, OcspReply::parse, report) {
        match reply {
            OcspReply::Answered(response) => responses.insert(response),
            OcspReply::Refused(refusal) => responses.refused(refusal),
        }
    }
    responses
}

fn read_all<T>(
    files: &[Vec<u8>],
    label: PemLabel,
    role: &Role,
    parse: fn(&[u8]) -> Result<T, Fault>,
    report: &mut Report,
) -> Vec<T> {
    let mut items = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let number = index + 1;
        let name = role.0;
        let malformed = |fault: Fault| {
            let finding = Finding::warning(role.1).seen(fault);
            finding.about(format_args!("{name} {number}"))
        };
        match decode_pem_or_der(file, label) {
            Ok(ders) => ders.iter().for_each(|der| match parse(der) {
                Ok(item) => items.push(item),
                Err(fault) => report.push(malformed(fault)),
            }),
            Err(fault) => report.push(malformed(fault)),
        }
    }
    items
}
