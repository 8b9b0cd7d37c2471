//! `lakelink rollout --status`: what there is of the stack sets.

use serde_json::{Value, json};

use crate::cli::cloud::rollout::{Args, open};
use crate::cli::cloud::{Asked, IN_STEP, Lane, Progress, Report, Unread, report, side_by_side};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::SetSurvey;

/// How the sets of an integration are.
struct Status {
    name: String,
    sets: Vec<SetSurvey>,
}

pub(super) async fn run(args: &Args, asked: Vec<Asked>, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let mut progress = Progress::of_document(asked.len());
    let (mut works, mut read) = (Vec::new(), Vec::new());
    for opened in open(args, asked, &progress, terminal).await {
        match opened {
            Ok(work) => works.push(work),
            Err(unread) => read.push(Err(unread)),
        }
    }
    let surveyed = side_by_side(Lane::Look, &works, async |work| {
        let name = work.integration.name.to_string();
        let looked = if args.drift { work.look_for_drift().await } else { Ok(()) };
        match async {
            looked?;
            work.survey().await
        }
        .await
        {
            Ok(sets) => Ok(Status { name, sets }),
            Err(halt) => Err(Unread::Halted(name, halt)),
        }
    });
    let Some(surveyed) = progress.watch(terminal, surveyed).await? else { return Ok(Exit::Interrupted) };
    read.extend(surveyed);
    report(read, terminal, &progress)
}

impl Report<2> for Status {
    const HEAD: [&'static str; 2] = ["SETS", "INSTANCES"];

    fn name(&self) -> &str {
        &self.name
    }

    fn attention(&self) -> u8 {
        self.looks().iter().map(|(attention, _)| *attention).min().unwrap_or(IN_STEP)
    }

    fn row(&self) -> ([String; 2], String) {
        let sets = self.sets.iter().filter(|survey| survey.is_in_step()).count();
        let wanted = self.sets.iter().map(|survey| survey.set.regions.len()).sum::<usize>();
        let lacking = self.sets.iter().map(|survey| survey.lacking().len()).sum::<usize>();
        let cells = [format!("{sets}/{}", self.sets.len()), format!("{}/{wanted}", wanted - lacking)];
        if self.sets.iter().all(|survey| survey.found.is_none() && survey.stop.is_none()) {
            return (cells, "not rolled out".to_owned());
        }
        let state = match self.looks().as_slice() {
            [] => "in step".to_owned(),
            [(_, one)] => one.clone(),
            [(_, first), more @ ..] => format!("{first}, and {} more", more.len()),
        };
        (cells, state)
    }

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

impl Status {
    /// What needs a look, the most of it first, each with how much it does.
    fn looks(&self) -> Vec<(u8, String)> {
        let mut looks = self.sets.iter().flat_map(looks).collect::<Vec<_>>();
        looks.sort_by_key(|(attention, _)| *attention);
        looks
    }
}

/// What of a set needs a look, and how much.
fn looks(survey: &SetSurvey) -> Vec<(u8, String)> {
    let stem = survey.set.stack.stem();
    if let Some(why) = &survey.stop {
        return vec![(0, format!("{stem}: stop: {}", why.lines().next().unwrap_or_default()))];
    }
    if survey.found.is_none() {
        return vec![(1, format!("{stem}: ABSENT"))];
    }
    let differs = survey.differences.join(", ");
    let differs = (!differs.is_empty()).then(|| (3, format!("{stem}: differs from the spec: {differs}")));
    let instances = survey.set.regions.iter().filter_map(|region| {
        let (attention, words) = match survey.instance(*region) {
            None => (1, "no instance".to_owned()),
            Some(one) if one.status == "CURRENT" && one.drift == "DRIFTED" => (3, "drift DRIFTED".to_owned()),
            Some(one) if one.status == "CURRENT" => return None,
            Some(one) => {
                let attention = match one.detail.as_str() {
                    "FAILED" | "INOPERABLE" => 0,
                    "PENDING" | "RUNNING" => 2,
                    _ => 3,
                };
                (attention, format!("{} {}", one.status, one.detail))
            }
        };
        Some((attention, format!("{stem} in {region}: {words}")))
    });
    differs.into_iter().chain(instances).collect()
}

#[cfg(test)]
mod tests {
    use super::{IN_STEP, Report, Status};
    use crate::aws::{FoundSet, Instance, Permissions, SetContent};
    use crate::deploy::SetSurvey;
    use crate::model::resolve;
    use crate::spec::Spec;

    const SPEC: &str = "
name: a
regions: [us-east-1, eu-west-1]
lake: {account: '111122223333', subscriber: {external_id: 7f3c9a51-acme-detective}}
detective: {account: '444455556666', principals: ['arn:aws:iam::444455556666:role/A']}
handoff: {share_arn: discover, acceptance: lambda}
deploy:
  lake: {execution_role: 'arn:aws:iam::111122223333:role/B'}
  detective: {execution_role: 'arn:aws:iam::444455556666:role/B'}
rollout:
  method: stack_sets
  stack_sets: {permission_model: self_managed, administration_role: 'arn:aws:iam::777788889999:role/C'}
outputs: [stack_sets]
";

    /// Both sets are there, and every instance is as it must be.
    fn whole() -> Status {
        let spec = Spec::read(serde_yaml::from_str(SPEC).unwrap()).unwrap();
        let sets = resolve(&spec, "a.yaml").0.unwrap().stack_set_list().into_iter().map(|set| {
            let instances = set.regions.iter().map(|region| Instance {
                account: set.account.to_string(),
                region: region.to_string(),
                status: "CURRENT".into(),
                detail: "SUCCEEDED".into(),
                unit: None,
                reason: None,
                drift: "NOT_CHECKED".into(),
            });
            let content = SetContent {
                description: String::new(),
                role_template: None,
                body: String::new(),
                parameters: [].into(),
                tags: [].into(),
                capabilities: Vec::new(),
                permissions: Permissions::Own { administration_role: None, execution_role: None },
                queues: true,
            };
            SetSurvey {
                instances: instances.collect(),
                set,
                found: Some(FoundSet { arn: String::new(), content }),
                differences: Vec::new(),
                stop: None,
            }
        });
        Status { name: "a".into(), sets: sets.collect() }
    }

    /// The line of a status with these changes, and how much it needs a look.
    fn line(change: impl FnOnce(&mut Vec<SetSurvey>)) -> (u8, String) {
        let mut status = whole();
        change(&mut status.sets);
        let ([sets, instances], state) = status.row();
        (status.attention(), format!("{sets} {instances} {state}"))
    }

    #[test]
    fn what_needs_a_look_most_stands_in_the_line() {
        let is = |attention, text: &str| (attention, text.to_owned());
        assert_eq!(line(|_| ()), is(IN_STEP, "2/2 4/4 in step"));
        let drifted = |sets: &mut Vec<SetSurvey>| sets[1].instances[1].drift = "DRIFTED".into();
        assert_eq!(line(drifted), is(3, "2/2 4/4 detective in eu-west-1: drift DRIFTED"));
        let differing = |sets: &mut Vec<SetSurvey>| sets[0].differences = vec!["template", "tags"];
        assert_eq!(line(differing), is(3, "1/2 4/4 lake: differs from the spec: template, tags"));
        let becoming = |status: &'static str, detail: &'static str| {
            move |sets: &mut Vec<SetSurvey>| {
                let one = &mut sets[1].instances[0];
                (one.status, one.detail) = (status.into(), detail.into());
            }
        };
        let running = becoming("OUTDATED", "RUNNING");
        assert_eq!(line(running), is(2, "1/2 3/4 detective in us-east-1: OUTDATED RUNNING"));
        let all = |sets: &mut Vec<SetSurvey>| {
            differing(sets);
            sets[0].instances.pop();
            becoming("OUTDATED", "FAILED")(sets);
            drifted(sets);
        };
        assert_eq!(line(all), is(0, "0/2 2/4 detective in us-east-1: OUTDATED FAILED, and 3 more"));
        let stopped = |sets: &mut Vec<SetSurvey>| sets[1].stop = Some("somebody else's\nlook".into());
        assert_eq!(line(stopped), is(0, "1/2 4/4 detective: stop: somebody else's"));
        let absent = |survey: &mut SetSurvey| (survey.found, survey.instances) = (None, Vec::new());
        assert_eq!(line(|sets| absent(&mut sets[1])), is(1, "1/2 2/4 detective: ABSENT"));
        assert_eq!(line(|sets| sets.iter_mut().for_each(absent)), is(1, "0/2 0/4 not rolled out"));
    }
}
