//! How certificates were used, as tables.

use std::fmt::Write;

use tongxing_trust_store::StatisticsView;

use super::{Style, Table};

/// The counts.
pub(super) fn statistics(view: &StatisticsView, style: Style) -> String {
    let StatisticsView { records, sign_ins, mutual, entities, .. } = view;
    let several = view.entities_of_several_authorities;
    let moment = |moment: Option<tongxing_pki::Timestamp>, without: &str| {
        moment.map_or_else(|| without.to_owned(), |moment| moment.to_string())
    };
    let mut text = format!(
        "From {} to {}: {records} records.\n\
         {sign_ins} sign-ins of {entities} entities, {several} of them with several CAs; \
         {mutual} mutual ({}).\n",
        moment(view.from, "the beginning"),
        moment(view.to, "now"),
        share(view.mutual_rate),
    );
    _ = write!(text, "\n{}\n{}", style.bold("Platforms"), platforms(view, style));
    _ = write!(text, "\n{}\n{}", style.bold("Uses"), uses(view, style));
    _ = write!(text, "\n{}\n{}", style.bold("Refused"), refusals(view, style));
    if view.strangers > 0 {
        let told =
            format!("Besides, {} refusals of strangers, which are only counted.", view.strangers);
        _ = writeln!(text, "{}", style.dim(&told));
    }
    text
}

fn platforms(view: &StatisticsView, style: Style) -> String {
    let heading =
        ["PLATFORM", "SIGN-INS", "ENTITIES", "CAS", "MOST WITH", "MUTUAL", "RATE", "NAME"];
    let mut table = Table::new(&heading);
    for platform in &view.platforms {
        table.row(&[
            platform.id.to_string(),
            platform.sign_ins.to_string(),
            platform.entities.to_string(),
            platform.authorities.to_string(),
            platform.principal.as_ref().map(ToString::to_string).unwrap_or_default(),
            platform.mutual.to_string(),
            share(platform.mutual_rate),
            platform.name.clone().unwrap_or_default(),
        ]);
    }
    table.render(style, "nobody signed in")
}

fn uses(view: &StatisticsView, style: Style) -> String {
    let mut table = Table::new(&["SCENE", "PLATFORM", "CA", "SUBJECT", "KEY", "METHOD", "COUNT"]);
    for used in &view.uses {
        table.row(&[
            used.scene.clone(),
            used.platform.to_string(),
            used.authority.to_string(),
            used.subject_type.clone(),
            used.key.clone(),
            used.method.clone(),
            used.count.to_string(),
        ]);
    }
    table.render(style, "none")
}

fn refusals(view: &StatisticsView, style: Style) -> String {
    let mut table = Table::new(&["PLATFORM", "CA", "CODE", "COUNT"]);
    for refused in &view.refusals {
        table.row(&[
            refused.platform.as_ref().map(ToString::to_string).unwrap_or_default(),
            refused.authority.as_ref().map(ToString::to_string).unwrap_or_default(),
            refused.code.clone(),
            refused.count.to_string(),
        ]);
    }
    table.render(style, "none")
}

fn share(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}
