//! How integrations are, as a command tells it: one in full, many as a table, for programs as JSON.

use serde_json::Value;

use crate::cli::cloud::{Progress, Unread};
use crate::cli::terminal::count;
use crate::cli::{Exit, Stop, Terminal};

/// How much something needs a look if it needs none: less is more.
pub(crate) const IN_STEP: u8 = 4;

/// How an integration is.
pub(crate) trait Report<const N: usize> {
    /// Columns of the table between the name and the state.
    const HEAD: [&'static str; N];

    fn name(&self) -> &str;

    /// How much it needs a look: less is more.
    fn attention(&self) -> u8;

    fn json(&self) -> Value;

    /// All of it, for people.
    fn text(&self) -> String;

    /// What stands in the columns, and what needs a look most.
    fn row(&self) -> ([String; N], String);
}

/// Says how each is, or why that is not known, and how the run ends. What needs a look comes first.
pub(crate) fn report<const N: usize, R: Report<N>>(
    read: Vec<Result<R, Unread>>,
    terminal: &mut Terminal,
    progress: &Progress,
) -> Result<Exit, Stop> {
    let is_one = !progress.is_fleet();
    let (mut reports, mut unread, mut worst) = (Vec::new(), Vec::new(), Exit::Done);
    for one in read {
        match one {
            Ok(report) => reports.push(report),
            Err(why) => {
                worst = worst.or_worse(why.tell(terminal));
                unread.push(why);
            }
        }
    }
    reports.sort_by_key(|report| (report.attention(), report.name().to_owned()));
    if terminal.json {
        let documents = unread.iter().map(Unread::json).chain(reports.iter().map(R::json));
        match documents.collect::<Vec<_>>().as_slice() {
            [one] if is_one => terminal.document(one)?,
            all => terminal.document(&all)?,
        }
    } else if is_one || terminal.verbose {
        terminal.data(&reports.iter().map(R::text).collect::<Vec<_>>().join("\n"))?;
    } else {
        terminal.data(&table(&reports, &unread))?;
    }
    Ok(worst)
}

/// What could not be read, then the rest in its order, and how many are in step.
fn table<const N: usize, R: Report<N>>(reports: &[R], unread: &[Unread]) -> String {
    let unknown = unread.iter().map(|why| {
        // All of it has been said.
        let reason = why.reason();
        let short = reason.split_once("; nothing was written").map_or(reason.as_str(), |(short, _)| short);
        let state = format!("not read: {}", short.lines().next().unwrap_or_default());
        (why.name().to_owned(), [const { "?" }; N].map(str::to_owned), state)
    });
    let known = reports.iter().map(|report| {
        let (cells, state) = report.row();
        (report.name().to_owned(), cells, state)
    });
    let head = ("INTEGRATION".to_owned(), R::HEAD.map(str::to_owned), "STATE".to_owned());
    let rows = [head].into_iter().chain(unknown).chain(known).collect::<Vec<_>>();
    let name_width = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    let width = |at: usize| rows.iter().map(|(_, cells, _)| cells[at].len()).max().unwrap_or_default();
    let widths = std::array::from_fn::<_, N, _>(width);
    let mut text = String::new();
    for (name, cells, state) in &rows {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        let line = format!("{name:<name_width$}  {}{state}", cells.collect::<String>());
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let in_step = reports.iter().filter(|report| report.attention() == IN_STEP).count();
    text.push_str(&format!("\n{in_step} of {} in step\n", count(rows.len() - 1, "integration")));
    text
}
