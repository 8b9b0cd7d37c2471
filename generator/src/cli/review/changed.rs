//! `lakelink review --against`: changes as people read them in a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::All;
use crate::cli::findings::{ARROW, shown};
use crate::cli::terminal::in_one_line;
use crate::review::{self, Change, Kind, Summary, rules};

/// Changes in words, with the signs explained: what, and where it comes from. "No change of access" if there is none.
pub(super) fn text(all: &All, changes: &[Change]) -> String {
    if changes.is_empty() {
        return "no change of access\n".to_owned();
    }
    let mut text = changes.iter().map(|change| one(all, change)).collect::<String>();
    let Summary { new, wider, narrower, gone, not_comparable } = Summary::of(changes);
    let _ = writeln!(
        text,
        "\n{new} new (+), {wider} wider (<), {not_comparable} not comparable (?), {narrower} narrower (>), {gone} gone (-)"
    );
    text
}

fn one(all: &All, change: &Change) -> String {
    let style = style(change.kind);
    let account = change.account().map(|account| format!("{account}: ")).unwrap_or_default();
    let said = in_one_line(&format!("{account}{}", change.sentence()));
    let place = change.place();
    let integration = place.and_then(|place| place.integration.as_ref()).map(|name| format!("{name}/"));
    let via = change.via().map(|via| format!(" ({})", via.as_str().replace('_', " "))).unwrap_or_default();
    let at = place.map(|place| format!("{}{place}{via}", integration.unwrap_or_default()));
    let mut at = in_one_line(&at.unwrap_or_default());
    if let Some(located) = rules::of_change(change).map(|finding| all.locate(finding)) {
        // What an acceptance of it begins with, and what to change.
        at = format!("{style}{}{style:#} {at}", located.finding.rule.id);
        if let Some(spot) = located.spec.or(located.template) {
            let _ = write!(at, " {ARROW}-->{ARROW:#} {}", in_one_line(&shown(&spot)));
        }
    }
    let mut text = format!("{style}{}{style:#} {said}\n    {at}\n", review::sign(change.kind));
    if let Some(accepted) = &change.accepted {
        let _ = writeln!(text, "    {}", in_one_line(&accepted.to_string()));
    }
    text
}

/// As findings of the same weight.
fn style(kind: Kind) -> Style {
    let color = match kind {
        Kind::New => AnsiColor::Yellow,
        Kind::Wider | Kind::NotComparable => AnsiColor::Red,
        Kind::Narrower | Kind::Gone => AnsiColor::Green,
    };
    color.on_default().bold()
}
