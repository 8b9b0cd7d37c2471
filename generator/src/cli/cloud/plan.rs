//! `lakelink plan`: what `deploy` would do.

use serde_json::{Value, json};

use crate::aws::{Action, Change, Import, Replacement};
use crate::cli::cloud::deploy::Allowed;
use crate::cli::cloud::{Asked, Lane, Progress, Unread, Where, block_on, side_by_side};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{self, Plan, Survey, Work, sign};

/// Says what deploy would do, worked out by CloudFormation: makes change sets, shows them, and removes them again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Signs: `+` made, `~` changed in place, `!` made anew, `-` removed, `o` taken out of the stack and left, \
`<` taken over, `?` known only when it is done. `[1]` rests on a guess about AWS, which stands below. \
What depends on a share that is not there yet is decided after the lake stack, and said so.")]
pub(crate) struct Args {
    #[command(flatten)]
    at: Where,
    /// End with 6 if there are changes
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let specs = match args.at.specs(terminal)? {
        Ok(specs) => specs,
        Err(exit) => return Ok(exit),
    };
    let mut progress = Progress::of_document(specs.len());
    block_on(all(args, specs, terminal, &mut progress))?
}

async fn all(
    args: &Args,
    specs: Vec<Asked>,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let is_one = specs.len() == 1;
    let listeners = progress.listeners();
    let one = async |asked| {
        let work = args.at.work(asked, Allowed::default().options(), &listeners).await?;
        match deploy::plan(&work).await {
            Ok(plans) => Ok((work, plans)),
            Err(halt) => Err(Unread::Halted(work.integration.name.to_string(), halt)),
        }
    };
    let plans = side_by_side(Lane::Look, specs, one);
    let Some(plans) = progress.watch(terminal, plans).await? else {
        let help =
            "a change set whose name begins with `lakelink-` may be left; the next plan or deploy removes it";
        terminal.fail("interrupted", Some(help));
        return Ok(Exit::Interrupted);
    };
    let (mut worst, mut documents) = (Exit::Done, Vec::new());
    for planned in plans {
        let (work, plans) = match planned {
            Ok(planned) => planned,
            Err(unread) => {
                worst = worst.or_worse(unread.tell(terminal));
                documents.push(unread.json());
                continue;
            }
        };
        if terminal.json {
            documents.push(document(&work, &plans));
        } else {
            terminal.data(&text(&work, &plans))?;
        }
        let is_stopped = plans.iter().any(|(_, plan)| matches!(plan, Plan::Stop(_)));
        let is_same = plans.iter().all(|(_, plan)| *plan == Plan::InStep);
        worst = worst.or_worse(match (is_stopped, is_same) {
            (true, _) => Exit::Stopped,
            (false, false) if args.detailed_exitcode => Exit::Changes,
            _ => Exit::Done,
        });
    }
    if terminal.json {
        match documents.as_slice() {
            [one] if is_one => terminal.document(one)?,
            all => terminal.document(&all)?,
        }
    }
    Ok(worst)
}

/// What about a change is a guess about AWS.
fn unproven(survey: &Survey, change: &Change) -> Option<&'static str> {
    survey.difference.resources.get(&change.id)?.unproven
}

/// Guesses, each with the number that it is referred to by.
#[derive(Default)]
struct Guesses(Vec<&'static str>);

impl Guesses {
    /// `  [1]`; nothing for what is no guess.
    fn mark(&mut self, guess: Option<&'static str>) -> String {
        let Some(guess) = guess else { return String::new() };
        let at = self.0.iter().position(|one| *one == guess).unwrap_or_else(|| {
            self.0.push(guess);
            self.0.len() - 1
        });
        format!("  [{}]", at + 1)
    }
}

fn text(work: &Work, plans: &[(Survey, Plan)]) -> String {
    let mut text = format!("{}\n", work.integration.name);
    let mut guesses = Guesses::default();
    for (survey, plan) in plans {
        let target = survey.target;
        let account = work.integration.account(target.stack.side());
        let word = match plan {
            Plan::InStep => "in step".to_owned(),
            Plan::Changes(changes) if changes.is_empty() => "outputs change".to_owned(),
            Plan::Changes(_) => String::new(),
            Plan::TakesOver(_) => "taken over first, then the rest is made".to_owned(),
            Plan::Later(why) => (*why).to_owned(),
            Plan::Stop(why) => format!("stop: {}", why.replace('\n', "\n      ")),
        };
        let line =
            format!("  {account}  {:<14}  {:<17}  {word}", target.region.as_str(), target.stack.stem());
        text.push_str(line.trim_end());
        text.push('\n');
        if let Plan::TakesOver(kept) = plan {
            for one in kept {
                let mark = guesses.mark(one.unproven());
                text.push_str(&format!("    < {}  {}  `{}`{mark}\n", one.id, one.kind, one.name.1));
            }
        }
        if let Plan::Changes(changes) = plan {
            for change in changes {
                let mark = guesses.mark(unproven(survey, change));
                text.push_str(&format!("    {} {}  {}{mark}\n", sign(change), change.id, change.kind));
            }
        }
    }
    if !guesses.0.is_empty() {
        text.push_str("  a guess about AWS, not proven:\n");
    }
    for (n, guess) in guesses.0.iter().enumerate() {
        text.push_str(&format!("    [{}] {guess}\n", n + 1));
    }
    text
}

fn document(work: &Work, plans: &[(Survey, Plan)]) -> Value {
    let stacks = plans.iter().map(|(survey, plan)| {
        let target = survey.target;
        let (status, reason) = match plan {
            Plan::InStep => ("in_step", ""),
            Plan::Changes(_) => ("changes", ""),
            Plan::TakesOver(_) => ("changes", "what was kept is taken over first, then the rest is made"),
            Plan::Later(why) => ("later", *why),
            Plan::Stop(why) => ("stopped", why.as_str()),
        };
        let changes = match plan {
            Plan::Changes(changes) => {
                changes.iter().map(|one| change(one, unproven(survey, one))).collect()
            }
            Plan::TakesOver(kept) => {
                let import = |one: &Import| {
                    json!({"id": one.id, "type": one.kind, "action": "import", "replacement": "no", "unproven": one.unproven()})
                };
                kept.iter().map(import).collect()
            }
            _ => Vec::new(),
        };
        json!({
            "account": work.integration.account(target.stack.side()).as_str(), "region": target.region.as_str(),
            "stack": target.stack.stem(), "status": status, "reason": reason, "changes": changes,
        })
    });
    json!({"integration": work.integration.name.to_string(), "stacks": stacks.collect::<Vec<_>>()})
}

fn change(change: &Change, unproven: Option<&str>) -> Value {
    let action = match change.action {
        Action::Add => "add",
        Action::Modify => "modify",
        Action::Remove => "remove",
        Action::Leave => "leave",
        Action::Import => "import",
        Action::Dynamic => "dynamic",
    };
    let replacement = match change.replacement {
        Replacement::No => "no",
        Replacement::Perhaps => "perhaps",
        Replacement::Yes => "yes",
    };
    json!({
        "id": change.id, "type": change.kind, "action": action, "replacement": replacement, "unproven": unproven,
    })
}
