//! The status of many integrations: what stands in the line of each.

use crate::cli::cloud::IN_STEP;
use crate::cli::cloud::status::{Status, attention, word};
use crate::deploy::{State, Survey};

impl Status {
    /// How many stacks, shares and consoles are as they must be, and what needs a look most.
    pub(super) fn cells(&self) -> ([String; 3], String) {
        let of = |good: usize, all: usize| format!("{good}/{all}");
        let stacks = self.stacks.iter().filter(|survey| is_in_step(survey)).count();
        let shares = self.shares.iter().filter(|share| share.is_well()).count();
        let consoles = self.consoles.iter().filter(|(_, is_complete)| *is_complete).count();
        let cells =
            [of(stacks, self.stacks.len()), of(shares, self.shares.len()), of(consoles, self.consoles.len())];
        (cells, self.first().unwrap_or_else(|| self.in_step().to_owned()))
    }

    fn in_step(&self) -> &'static str {
        if self.set_owner.is_some() { "in step; the rest is in stack sets" } else { "in step" }
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

#[cfg(test)]
mod tests {
    use crate::cli::cloud::status::{Share, Status};
    use crate::cli::cloud::{IN_STEP, Report};
    use crate::vocab::{Region, Word as _};

    /// Of one whose stacks are in step and whose shares are these, in as many Regions.
    fn line(shares: &[(bool, Option<&'static str>)]) -> (u8, String) {
        let regions = ["us-east-1", "eu-west-1"].map(|name| Region::read(name).unwrap());
        let share = |(region, (is_there, invitation)): (Region, &(bool, _))| {
            let arn = is_there.then(|| "arn:aws:ram:us-east-1:111122223333:resource-share/1".to_owned());
            Share { region, arn, invitation: *invitation }
        };
        let status = Status {
            name: "a".into(),
            accounts: ["111122223333", "444455556666"].map(str::to_owned),
            stacks: Vec::new(),
            shares: regions.into_iter().zip(shares).map(share).collect(),
            consoles: vec![(regions[0], true)],
            set_owner: None,
        };
        let (cells, state) = status.row();
        (status.attention(), format!("{} {state}", cells.join(" ")))
    }

    #[test]
    fn a_share_that_nobody_has_accepted_needs_a_look() {
        let is = |attention, text: &str| (attention, text.to_owned());
        let good = (true, Some("ACCEPTED"));
        // Inside an organization nobody is invited.
        assert_eq!(line(&[good, (true, None)]), is(IN_STEP, "0/0 2/2 1/1 in step"));
        for word in ["PENDING", "REJECTED", "EXPIRED"] {
            let state = format!("0/0 1/2 1/1 share of eu-west-1: its invitation is {word}");
            assert_eq!(line(&[good, (true, Some(word))]), is(IN_STEP - 1, &state));
        }
        let state = "0/0 1/2 1/1 share of us-east-1: none is there";
        assert_eq!(line(&[(false, None), good]), is(IN_STEP - 1, state));
    }
}
