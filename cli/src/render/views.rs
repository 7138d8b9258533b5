//! The province's answers as text.

use std::fmt::Write;

use tongxing_pki::Timestamp;
use tongxing_trust_store::{
    AnchorView, AuthorityId, AuthorityView, BackupView, Cancelled, HealthView, ImageView, ListView,
    PointView, RelyingPartyView, Reply, StatusView, SubjectView,
};

use super::statistics::statistics;
use super::{
    Style, Table, doctor, evidence, explained, records, safe, segments, standby, stored_judgement,
};

/// How many hex digits of a hash tell it apart in a table.
const SHORT_HASH: usize = 16;

/// One answer.
pub(super) fn reply(reply: &Reply, style: Style) -> String {
    match reply {
        Reply::Done { sequence, cancelled } => done(*sequence, cancelled, style),
        Reply::Authorities(authorities) => authority_list(authorities, style),
        Reply::Authority(authority) => authority_sheet(authority, style),
        Reply::Points(points) => point_table(points, style, "No list is fetched."),
        Reply::Lists(lists) => list_table(lists, style, "No revocation lists yet."),
        Reply::RelyingPartyAdded { id, secret } => format!(
            "{} {id} is registered.\nsecret: {secret}\n{}\n",
            style.good("✓"),
            style.dim("It is shown this once; only its hash is kept.")
        ),
        Reply::RelyingParties(parties) => relying_parties(parties, style),
        Reply::RelyingParty(party) => relying_party(party, style),
        Reply::Subjects(subjects) => subject_list(subjects, style),
        Reply::Subject(subject) => subject_sheet(subject, style),
        Reply::Records(found) => records::records(found, style),
        Reply::Verified(view) => evidence::verified(view, style),
        Reply::Checkpoint(view) => view.note.clone(),
        Reply::EvidenceKeys(keys) => evidence::keys(keys),
        Reply::LookupKeyRotated { version, persons } => format!(
            "{} Persons are looked up under key v{version} from now on.\n{persons} persons are found \
             under it who were not before.\n",
            style.good("✓")
        ),
        Reply::EvidenceKeyRotated { key, checkpoint } => evidence::rotated(key, checkpoint, style),
        Reply::Proof { proof, .. } => proof.clone(),
        Reply::Consistent { old_size, checkpoint, .. } => {
            evidence::consistent(*old_size, checkpoint, style)
        }
        Reply::ImageTaken(image) => format!(
            "{} record {} is saved: {} rows in {} bytes.\nstate: {}\n",
            style.good("✓"),
            image.sequence,
            image.rows,
            image.bytes,
            image.state
        ),
        Reply::Archived(view) => segments::archived(view, style),
        Reply::Segments(found) => segments::table(found, style, "No closed segments."),
        Reply::Retention(view) => segments::retention(view, style),
        Reply::Images(images) => image_table(images, style),
        Reply::ExportHeader(header) => format!("records {} to {}\n", header.first, header.last),
        Reply::Frames(frames) => format!("{} records\n", frames.len()),
        Reply::Statistics(view) => statistics(view, style),
        Reply::Explanation(value) => explained(value, style),
        Reply::Document(report) => stored_judgement(report, None, style),
        Reply::BackedUp(backup) => backed_up(backup, style),
        Reply::Health(health) => health_sheet(health, style),
        Reply::Examined(seen) => doctor::checks(seen, style),
        Reply::Standby(view) => standby::sheet(view, style),
        Reply::StandbyInvited(invited) => standby::invited(invited, style),
    }
}

fn backed_up(backup: &BackupView, style: Style) -> String {
    let BackupView { sequence, files, blobs, bytes, recorded, .. } = backup;
    let mut text = format!(
        "{} {}: records up to {sequence}, {files} files, {blobs} blobs, {bytes} bytes.\n\
         sha256: {}\nhead:   {}\nstate:  {}\n",
        style.good("✓"),
        backup.file.display(),
        backup.sha256,
        backup.head,
        backup.state,
    );
    let told = format!(
        "Read back: the medium holds what was written. Record {recorded} says who made it, and \
         for whom.\nWhether it opens, only the identity can tell: `tongxing restore --verify-only`."
    );
    _ = writeln!(text, "{}", style.dim(&told));
    text
}

fn done(sequence: u64, cancelled: &[Cancelled], style: Style) -> String {
    let mut text = format!("{} done, as record {sequence}.\n", style.good("✓"));
    for plan in cancelled {
        let what = format!("this cancels \"{}\", planned for {}", plan.status, plan.effective);
        _ = writeln!(text, "{} {what}", style.warn("!"));
    }
    text
}

fn authority_list(authorities: &[AuthorityView], style: Style) -> String {
    let mut table = Table::new(&["ID", "STATUS", "ROLES", "KEYS", "LISTS", "POLICY", "NAME"]);
    for authority in authorities {
        table.row(&[
            authority.id.to_string(),
            authority.status.clone(),
            or_none(&authority.roles.join(" ")),
            authority.anchors.len().to_string(),
            authority.lists.len().to_string(),
            short(&authority.policy_version),
            authority.name_zh.clone(),
        ]);
    }
    let mut text = table.render(style, "No authorities yet: `tongxing ca add --help`.");
    for authority in authorities {
        for fault in &authority.degraded {
            _ = writeln!(text, "{} {}: {}", style.warn("!"), authority.id, safe(fault));
        }
    }
    text
}

fn authority_sheet(authority: &AuthorityView, style: Style) -> String {
    let mut sheet = Sheet::new(style, authority.id.as_str(), &authority.name_zh);
    sheet.optional("English name", authority.name_en.as_deref());
    sheet.line("status", &authority.status);
    sheet.line("roles", &or_none(&authority.roles.join(" ")));
    sheet.optional("hotline", authority.hotline.as_deref());
    let licence = authority.licence_expires.map(|moment| moment.to_string());
    sheet.optional("licence until", licence.as_deref());
    let verified =
        if authority.policy_verified { "" } else { " (not tried on a real certificate)" };
    sheet.line("policy", &format!("{}{verified}", authority.policy_version));
    for fault in &authority.degraded {
        sheet.line(&style.warn("degraded"), fault);
    }
    sheet.part("Anchors", &key_table(&authority.anchors, style, "none"));
    if !authority.intermediates.is_empty() {
        sheet.part("Known intermediates", &key_table(&authority.intermediates, style, "none"));
    }
    sheet.part("Revocation lists", &list_table(&authority.lists, style, "none"));
    if !authority.points.is_empty() {
        sheet.part("Fetched from", &point_table(&authority.points, style, "none"));
    }
    sheet.part("History", &history_table(&authority.history, style));
    sheet.text
}

fn key_table(keys: &[AnchorView], style: Style, nothing: &str) -> String {
    let mut table = Table::new(&["KEY (SHA-256)", "ALGORITHM", "UNTIL", "STATUS", "SUBJECT"]);
    for key in keys {
        table.row(&[
            key.spki_sha256.clone(),
            key.key.clone(),
            key.not_after.to_string(),
            key.status.clone().unwrap_or_else(|| "as the authority".to_owned()),
            key.subject.clone(),
        ]);
    }
    table.render(style, nothing)
}

fn list_table(lists: &[ListView], style: Style, nothing: &str) -> String {
    let heading = ["AUTHORITY", "FRESHNESS", "ENTRIES", "MADE", "NEXT", "NUMBER", "SHA-256"];
    let mut table = Table::new(&heading);
    for list in lists {
        table.row(&[
            list.authority.to_string(),
            list.freshness.clone(),
            list.entries.to_string(),
            list.this_update.to_string(),
            list.next_update.map_or_else(|| "not said".to_owned(), |moment| moment.to_string()),
            list.number.clone().unwrap_or_default(),
            short(&list.sha256),
        ]);
    }
    table.render(style, nothing)
}

fn point_table(points: &[PointView], style: Style, nothing: &str) -> String {
    let heading = ["AUTHORITY", "STATE", "LIST OF", "NEXT LIST", "LAST TRY", "NEXT TRY", "ADDRESS"];
    let mut table = Table::new(&heading);
    let moment = |moment: Option<Timestamp>| moment.map_or_else(String::new, |at| at.to_string());
    for point in points {
        let state = match (&point.last_error, point.last_try) {
            (Some(_), _) => format!("failed {} times", point.failures),
            (None, Some(_)) => "current".to_owned(),
            (None, None) => "not asked yet".to_owned(),
        };
        table.row(&[
            point.authority.to_string(),
            state,
            moment(point.this_update),
            moment(point.next_update),
            moment(point.last_try),
            moment(point.next_try),
            point.url.to_string(),
        ]);
    }
    let mut text = table.render(style, nothing);
    for point in points {
        if let Some(error) = &point.last_error {
            _ = writeln!(text, "{} {}: {}", style.warn("!"), point.url, safe(error));
        }
    }
    text
}

fn history_table(history: &[StatusView], style: Style) -> String {
    let mut table = Table::new(&["STATUS", "EFFECTIVE", "KNOWN", "REASON"]);
    for entry in history {
        table.row(&[
            entry.status.clone(),
            entry.effective.to_string(),
            entry.known.to_string(),
            entry.reason.clone(),
        ]);
    }
    table.render(style, "none")
}

fn relying_parties(parties: &[RelyingPartyView], style: Style) -> String {
    let mut table = Table::new(&["ID", "ACCESS", "NAME"]);
    for party in parties {
        let access = party.access.as_str().to_owned();
        table.row(&[party.id.to_string(), access, party.name.clone()]);
    }
    table.render(style, "No relying parties yet: `tongxing rp add --help`.")
}

fn relying_party(party: &RelyingPartyView, style: Style) -> String {
    let mut sheet = Sheet::new(style, party.id.as_str(), &party.name);
    sheet.line("access", party.access.as_str());
    let per_minute = party.verifications_per_minute;
    let per_minute = per_minute.map_or_else(|| "default".to_owned(), |rate| rate.to_string());
    sheet.line("verifications a minute", &per_minute);
    sheet.line("personal data", party.personal_data.as_str());
    sheet.optional("webhook", party.webhook.as_deref());
    sheet.line("token algorithm", party.token_signature.as_str());
    for secret in &party.secrets {
        let until = secret.until.map(|until| format!("accepted until {until}"));
        sheet.line("secret", until.as_deref().unwrap_or("accepted"));
    }
    party.keys.iter().for_each(|key| sheet.line("key", key));
    party.certificates.iter().for_each(|sha256| sheet.line("certificate", sha256));
    sheet.line("settled by record", &party.sequence.to_string());
    sheet.text
}

fn subject_list(subjects: &[SubjectView], style: Style) -> String {
    let mut table = Table::new(&["ID", "KIND", "VALUE", "CERTIFICATES", "WAITING", "NAME"]);
    for subject in subjects {
        table.row(&[
            subject.id.to_string(),
            subject.kind.clone(),
            subject.value.clone().unwrap_or_else(|| "sealed".to_owned()),
            subject.bindings.len().to_string(),
            subject.pending.len().to_string(),
            subject.name.clone().unwrap_or_default(),
        ]);
    }
    table.render(style, "No such subject.")
}

fn subject_sheet(subject: &SubjectView, style: Style) -> String {
    let name = subject.name.as_deref().unwrap_or("(sealed)");
    let mut sheet = Sheet::new(style, subject.id.as_str(), name);
    sheet.line("kind", &subject.kind);
    sheet.optional("value", subject.value.as_deref());
    sheet.optional("personal id", subject.personal_id.as_deref());
    sheet.line("registered", &subject.registered.to_string());
    let authorities: Vec<&str> = subject.authorities.iter().map(AuthorityId::as_str).collect();
    sheet.line("bound by", &or_none(&authorities.join(" ")));
    sheet.part("Certificates", &binding_table(subject, style));
    sheet.part("Waiting for confirmation", &pending_table(subject, style));
    sheet.text
}

fn binding_table(subject: &SubjectView, style: Style) -> String {
    let heading = ["AUTHORITY", "SERIAL", "CAPACITY", "HOLDER", "BOUND", "UNTIL", "SHA-256"];
    let mut table = Table::new(&heading);
    for binding in &subject.bindings {
        table.row(&[
            binding.authority.to_string(),
            binding.serial.clone(),
            binding.capacity.clone(),
            binding.holder.as_ref().map(ToString::to_string).unwrap_or_default(),
            binding.bound.to_string(),
            binding.not_after.to_string(),
            short(&binding.certificate),
        ]);
    }
    table.render(style, "none")
}

fn pending_table(subject: &SubjectView, style: Style) -> String {
    let mut table = Table::new(&["AUTHORITY", "SEEN", "NAME IT GIVES"]);
    for pending in &subject.pending {
        table.row(&[
            pending.authority.to_string(),
            pending.seen.to_string(),
            pending.name.clone().unwrap_or_default(),
        ]);
    }
    table.render(style, "nothing")
}

fn image_table(images: &[ImageView], style: Style) -> String {
    let mut table = Table::new(&["RECORD", "ROWS", "BYTES", "STATE", "SHA-256"]);
    for image in images.iter().filter(|image| image.fault.is_none()) {
        table.row(&[
            image.sequence.to_string(),
            image.rows.to_string(),
            image.bytes.to_string(),
            short(&image.state),
            short(&image.sha256),
        ]);
    }
    let mut text = table.render(style, "No images that can be used: `tongxing image take`.");
    for fault in images.iter().filter_map(|image| image.fault.as_ref()) {
        _ = writeln!(text, "{} {}", style.warn("!"), safe(fault));
    }
    text
}

fn health_sheet(health: &HealthView, style: Style) -> String {
    let writable = if health.journal_writable { "takes records" } else { "takes no records" };
    let HealthView { sequence, signed, judgeable_authorities, .. } = health;
    let mut text = format!(
        "journal: {writable}, at record {sequence}; the first {signed} are signed\n\
         authorities that can be judged: {judgeable_authorities}\n"
    );
    for fault in &health.degraded {
        _ = writeln!(text, "{} {}", style.warn("!"), safe(fault));
    }
    text
}

/// A heading, labelled lines, and parts below.
struct Sheet {
    style: Style,
    text: String,
}

impl Sheet {
    fn new(style: Style, id: &str, name: &str) -> Self {
        Self { style, text: format!("{}  {}\n", style.bold(id), safe(name)) }
    }

    fn line(&mut self, label: &str, value: &str) {
        _ = writeln!(self.text, "{} {}", self.style.dim(&format!("{label}:")), safe(value));
    }

    fn optional(&mut self, label: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.line(label, value);
        }
    }

    fn part(&mut self, title: &str, contents: &str) {
        _ = write!(self.text, "\n{}\n{contents}", self.style.bold(title));
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { text.to_owned() }
}

fn short(hash: &str) -> String {
    hash.get(..SHORT_HASH).unwrap_or(hash).to_owned()
}
