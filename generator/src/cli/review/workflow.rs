//! Workflow commands of GitHub Actions: annotations on lines.

use super::results::Outcome;
use crate::cli::findings::shown;
use crate::review::rules::Severity;

/// How many annotations of a level GitHub shows of a step, without a word about the rest (orgs/community#26680).
const MAX_SHOWN: usize = 10;

/// A command for each of the first results of a level, a line of the log for the rest.
pub(super) fn commands(results: &[Outcome]) -> String {
    let mut text = String::new();
    for (level, severity) in
        [("error", Severity::Error), ("warning", Severity::Warning), ("notice", Severity::Note)]
    {
        let of_level = results.iter().filter(|one| one.severity == severity);
        for (n, outcome) in of_level.enumerate() {
            text.push_str(&if n < MAX_SHOWN { command(level, outcome) } else { line(level, outcome) });
            text.push('\n');
        }
    }
    text
}

fn command(level: &str, outcome: &Outcome) -> String {
    let Outcome { rule, message, at, spot, template, .. } = outcome;
    let line = spot.line.map(|line| format!(",line={line}")).unwrap_or_default();
    let template = template.as_ref().map(|template| format!(" in {}", shown(template))).unwrap_or_default();
    let title = property(&format!("{} {}", rule.id, rule.slug));
    let text = data(&calm(&format!("{message}\nat: {at}{template}\nhelp: {}", rule.remedy)));
    format!("::{level} file={}{line},title={title}::{text}", property(&spot.file))
}

fn line(level: &str, outcome: &Outcome) -> String {
    let Outcome { rule, message, at, spot, .. } = outcome;
    // The name of a file may hold a line break, behind which a command could stand.
    calm(&format!("{level}[{}]: {}: {message} ({at})", rule.id, shown(spot))).replace(['\r', '\n'], " ")
}

/// The runner reads commands of an older form, `##[name]`, anywhere in a line (actions/runner, ActionCommand.cs).
fn calm(text: &str) -> String {
    text.replace("##[", "## [")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    /// As the runner takes it apart again (actions/runner, ActionCommand.cs).
    #[test]
    fn what_is_escaped_comes_back() {
        let text = "a%0A: b,c\r\nd::e";
        assert_eq!(data(text), "a%250A: b,c%0D%0Ad::e");
        assert_eq!(property(text), "a%250A%3A b%2Cc%0D%0Ad%3A%3Ae");
    }
}
