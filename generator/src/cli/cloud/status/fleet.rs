//! The status of many integrations: a line each.

use crate::cli::cloud::Unread;
use crate::cli::cloud::status::{IN_STEP, Status, attention, word};
use crate::cli::terminal::count;
use crate::deploy::{State, Survey};

const HEAD: [&str; 4] = ["INTEGRATION", "STACKS", "SHARES", "CONSOLES"];

/// What could not be read, then what needs a look, then the rest, and how many there are of each. `statuses` come in that order.
pub(super) fn table(statuses: &[Status], unread: &[Unread]) -> String {
    let unknown = unread.iter().map(|why| {
        // All of it has been said.
        let reason = why.reason();
        let short = reason.split_once("; nothing was written").map_or(reason.as_str(), |(short, _)| short);
        let reason = format!("not read: {}", short.lines().next().unwrap_or_default());
        ([why.name().to_owned(), "?".into(), "?".into(), "?".into()], reason)
    });
    let rows = unknown.chain(statuses.iter().map(Status::row)).collect::<Vec<_>>();
    let widths = [0, 1, 2, 3].map(|at| {
        let cells = rows.iter().map(|(cells, _)| cells[at].len());
        cells.chain([HEAD[at].len()]).max().unwrap_or_default()
    });
    let line = |cells: [&str; 4], rest: &str| {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        format!("{}{rest}", cells.collect::<String>()).trim_end().to_owned() + "\n"
    };
    let mut text = line(HEAD, "STATE");
    text.extend(rows.iter().map(|(cells, state)| line(cells.each_ref().map(String::as_str), state)));
    let in_step = statuses.iter().filter(|status| status.attention() == IN_STEP).count();
    text.push_str(&format!("\n{in_step} of {} in step\n", count(rows.len(), "integration")));
    text
}

impl Status {
    /// Name, how many stacks, shares and consoles are as they must be, and what needs a look most.
    fn row(&self) -> ([String; 4], String) {
        let of = |good: usize, all: usize| format!("{good}/{all}");
        let stacks = self.stacks.iter().filter(|survey| is_in_step(survey)).count();
        let shares = self.shares.iter().filter(|share| share.is_well()).count();
        let consoles = self.consoles.iter().filter(|(_, is_complete)| *is_complete).count();
        let cells = [
            self.name.clone(),
            of(stacks, self.stacks.len()),
            of(shares, self.shares.len()),
            of(consoles, self.consoles.len()),
        ];
        (cells, self.first().unwrap_or_else(|| self.in_step().to_owned()))
    }

    fn in_step(&self) -> &'static str {
        if self.is_by_sets { "in step; the rest is in stack sets" } else { "in step" }
    }

    /// What needs a look most, with how many more do; `None` if nothing does.
    fn first(&self) -> Option<String> {
        let mut others = self.stacks.iter().filter(|survey| !is_in_step(survey)).collect::<Vec<_>>();
        others.sort_by_key(|survey| attention(survey));
        let [first, more @ ..] = others.as_slice() else {
            if let Some(share) = self.shares.iter().find(|share| !share.is_well()) {
                let state = share.invitation.map(|word| format!("its invitation is {word}"));
                let state = state.unwrap_or_else(|| "none is there".to_owned());
                return Some(format!("share of {}: {state}", share.region));
            }
            let console = self.consoles.iter().find(|(_, is_complete)| !is_complete);
            return console.map(|(region, _)| format!("console of {region}: parameters are missing"));
        };
        if others.len() == self.stacks.len() && others.iter().all(|one| matches!(one.state, State::Absent)) {
            return Some("not deployed".to_owned());
        }
        let target = first.target;
        let more = if more.is_empty() { String::new() } else { format!(", and {} more", more.len()) };
        Some(format!("{} in {}: {}{more}", target.stack.stem(), target.region, state(first)))
    }
}

fn is_in_step(survey: &Survey) -> bool {
    attention(survey) == IN_STEP
}

fn state(survey: &Survey) -> String {
    match (&survey.stop, &survey.state) {
        (Some(why), _) => format!("stop: {}", why.lines().next().unwrap_or_default()),
        (None, State::Settled(_)) if survey.in_step.is_none() => "the share is not known".to_owned(),
        (None, State::Settled(_)) => "differs from the spec".to_owned(),
        (None, _) => word(survey),
    }
}
