//! `lakelink rollout --status`: what there is of the stack sets.

use serde_json::{Value, json};

use crate::cli::cloud::rollout::{Args, works};
use crate::cli::cloud::{Asked, Lane, Progress, exit_of, side_by_side};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::SetSurvey;

/// How the sets of an integration are.
struct Status {
    name: String,
    sets: Vec<SetSurvey>,
}

pub(super) async fn run(args: &Args, asked: Vec<Asked>, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let is_one = asked.len() == 1;
    let mut progress = Progress::of_document(asked.len());
    let (works, refused) = works(args, asked, &progress, terminal).await;
    let read = side_by_side(Lane::Look, &works, async |work| {
        if args.drift {
            work.look_for_drift().await?;
        }
        work.survey().await
    });
    let Some(read) = progress.watch(terminal, read).await? else { return Ok(Exit::Interrupted) };
    let (mut statuses, mut worst) = (Vec::new(), refused);
    for (work, surveyed) in works.iter().zip(read) {
        match surveyed {
            Ok(sets) => statuses.push(Status { name: work.integration.name.to_string(), sets }),
            Err(halt) => {
                terminal.fail(&format!("{}: {}", work.integration.name, halt.reason()), None);
                worst = worst.or_worse(exit_of([halt].iter()));
            }
        }
    }
    // What needs a look first.
    statuses.sort_by_key(|status| (status.sets.iter().all(SetSurvey::is_in_step), status.name.clone()));
    if terminal.json {
        let documents = statuses.iter().map(Status::json).collect::<Vec<_>>();
        match documents.as_slice() {
            [one] if is_one => terminal.document(one)?,
            all => terminal.document(&all)?,
        }
    } else {
        terminal.data(&statuses.iter().map(Status::text).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(worst)
}

impl Status {
    fn json(&self) -> Value {
        let set = |survey: &SetSurvey| {
            let instances = survey.instances.iter().map(|one| {
                json!({
                    "account": one.account, "region": one.region, "status": one.status, "detail": one.detail, "reason": one.reason,
                    "drift": one.drift,
                })
            });
            json!({
                "set": survey.set.name, "stack": survey.set.stack.stem(), "account": survey.set.account.as_str(),
                "status": if survey.found.is_some() { "ACTIVE" } else { "ABSENT" }, "in_step": survey.is_in_step(),
                "differences": survey.differences, "stop": survey.stop, "instances": instances.collect::<Vec<_>>(),
            })
        };
        json!({ "integration": self.name, "sets": self.sets.iter().map(set).collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.name);
        for survey in &self.sets {
            let (account, stem) = (survey.set.account.as_str(), survey.set.stack.stem());
            let state = match (&survey.found, survey.differences.is_empty()) {
                (None, _) => "ABSENT".to_owned(),
                (Some(_), true) => "ACTIVE  as in the spec".to_owned(),
                (Some(_), false) => {
                    format!("ACTIVE  differs from the spec: {}", survey.differences.join(", "))
                }
            };
            text.push_str(&format!("  {account}  {stem:<17}  {state}\n"));
            for region in survey.found.iter().flat_map(|_| &survey.set.regions) {
                let Some(one) = survey.instance(*region) else {
                    text.push_str(&format!("    {:<14}  no instance\n", region.as_str()));
                    continue;
                };
                let mut line = format!(
                    "    {:<14}  {:<10}  {:<10}  drift {}",
                    region.as_str(),
                    one.status,
                    one.detail,
                    one.drift
                );
                line.extend(
                    one.reason.iter().map(|reason| format!("\n      {}", reason.replace('\n', "\n      "))),
                );
                text.push_str(line.trim_end());
                text.push('\n');
            }
            text.extend(survey.foreign().iter().map(|one| {
                format!(
                    "    {:<14}  {:<10}  of account {}, not in the spec\n",
                    one.region, one.status, one.account
                )
            }));
            text.extend(
                survey.stop.iter().map(|why| format!("    stop: {}\n", why.replace('\n', "\n      "))),
            );
        }
        text
    }
}
