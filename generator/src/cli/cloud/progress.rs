//! What a run says while it goes on: lines for people, or one JSON event a line.

use std::future::Future;
use std::io::{BufRead as _, IsTerminal as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{Event, Listen};
use crate::model::{Integration, Side};
use crate::vocab::AccountId;

/// Silence that nobody should have to interpret: CI systems stop a job that says nothing for some minutes.
const SILENCE: Duration = Duration::from_secs(30);

/// Prints the events of a run.
pub(crate) struct Progress {
    started: Instant,
    is_fleet: bool,
    /// In JSON the run gives one document, and no events.
    is_document: bool,
    sender: UnboundedSender<Said>,
    events: UnboundedReceiver<Said>,
}

/// An event, whose it is, and where the answer goes if it is a question.
type Said = (Arc<Whose>, Event, Option<oneshot::Sender<bool>>);

/// An integration, as lines name it.
struct Whose {
    name: String,
    accounts: [String; 2],
}

struct Sender(Arc<Whose>, UnboundedSender<Said>);

// Nobody listens any more once the run was interrupted.
impl Listen for Sender {
    fn hear(&self, event: &Event) {
        let _ = self.1.send((Arc::clone(&self.0), event.clone(), None));
    }

    fn ask(&self, event: &Event) -> oneshot::Receiver<bool> {
        let (answer, heard) = oneshot::channel();
        let _ = self.1.send((Arc::clone(&self.0), event.clone(), Some(answer)));
        heard
    }
}

/// Those who hear of integrations for a [`Progress`].
#[derive(Clone)]
pub(crate) struct Listeners(UnboundedSender<Said>);

impl Listeners {
    /// One who hears about this integration.
    pub(crate) fn of(&self, integration: &Integration) -> Box<dyn Listen> {
        let accounts = [Side::Lake, Side::Detective].map(|side| integration.account(side).to_string());
        let whose = Whose { name: integration.name.to_string(), accounts };
        Box::new(Sender(Arc::new(whose), self.0.clone()))
    }
}

impl Progress {
    /// Of a run on so many integrations. With more than one, every line names its integration.
    pub(crate) fn of(integrations: usize) -> Self {
        let (sender, events) = unbounded_channel();
        Self { started: Instant::now(), is_fleet: integrations > 1, is_document: false, sender, events }
    }

    /// The same, of a run that gives one JSON document.
    pub(crate) fn of_document(integrations: usize) -> Self {
        Self { is_document: true, ..Self::of(integrations) }
    }

    /// Whether the run is on more than one integration.
    pub(crate) fn is_fleet(&self) -> bool {
        self.is_fleet
    }

    /// Those who hear for this.
    pub(crate) fn listeners(&self) -> Listeners {
        Listeners(self.sender.clone())
    }

    /// Runs something and prints what it tells. `None` if a person interrupted it; what was begun in AWS goes on there.
    pub(crate) async fn watch<T>(
        &mut self,
        terminal: &mut Terminal,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Stop> {
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(work, interrupted);
        let mut last = None;
        let done = loop {
            tokio::select! {
                biased;
                Some((whose, event, answer)) = self.events.recv() => {
                    self.print(&whose, terminal, &event)?;
                    if let Some(answer) = answer {
                        let Some(yes) = self.agrees(terminal, "go on with this?").await else { break None };
                        let _ = answer.send(yes);
                    }
                    last = Some((whose, event));
                }
                done = &mut work => break Some(done),
                _ = &mut interrupted => break None,
                () = tokio::time::sleep(SILENCE) => {
                    if let Some((whose, event)) = &last {
                        let event = Event { status: "waiting", reason: "still at work".into(), ..event.clone() };
                        self.print(whose, terminal, &event)?;
                    }
                }
            }
        };
        while let Ok((whose, event, _)) = self.events.try_recv() {
            self.print(&whose, terminal, &event)?;
        }
        Ok(done)
    }

    /// Asks a person, if there is one. `None` if that person would rather end it.
    pub(crate) async fn agrees(&self, terminal: &mut Terminal, question: &str) -> Option<bool> {
        if terminal.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Some(false);
        }
        terminal.complain(&format!("{question} [y/N] "));
        let read = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
        });
        let answer = tokio::select! {
            read = read => read.ok()?.unwrap_or_default(),
            _ = tokio::signal::ctrl_c() => return None,
        };
        Some(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
    }

    fn print(&self, whose: &Whose, terminal: &mut Terminal, event: &Event) -> Result<(), Stop> {
        let target = event.target;
        let [lake, detective] = &whose.accounts;
        let account = if target.stack.side() == Side::Lake { lake } else { detective };
        let (region, stack) = (target.region.as_str(), target.stack.stem());
        if terminal.json && self.is_document {
            return Ok(());
        }
        if terminal.json {
            let line = json!({
                "event": event.kind, "integration": whose.name, "account": account, "region": region, "stack": stack,
                "status": event.status, "reason": event.reason, "elapsed_ms": self.elapsed(),
            });
            terminal.data(&format!("{line}\n"))?;
        } else {
            let reason = event.reason.replace('\n', "\n      ");
            let is_bad = matches!(event.status, "failed" | "stopped" | "asking");
            let status = event.status.replace('_', " ");
            let gap = if reason.is_empty() {
                ""
            } else if is_bad {
                "\n      "
            } else {
                "  "
            };
            let name = if self.is_fleet { format!("{}  ", whose.name) } else { String::new() };
            let line = format!("  {name}{region:<14}  {stack:<17}  {status}{gap}{reason}");
            if is_bad { terminal.complain(&format!("{line}\n")) } else { terminal.say(&line) }
        }
        Ok(())
    }

    /// The event of an integration of which nothing is done: it has no Region and no stack, and an account only if it is about
    /// one. People read it as an error.
    pub(crate) fn left_out(
        &self,
        terminal: &mut Terminal,
        name: &str,
        account: Option<&AccountId>,
        status: &str,
        reason: &str,
    ) -> Result<(), Stop> {
        if terminal.json {
            let line = json!({
                "event": "integration", "integration": name, "account": account.map(AccountId::as_str), "region": null, "stack": null,
                "status": status, "reason": reason, "elapsed_ms": self.elapsed(),
            });
            terminal.data(&format!("{line}\n"))?;
        }
        Ok(())
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The last event of a run in JSON.
    pub(crate) fn summary(&self, terminal: &mut Terminal, exit: Exit) -> Result<(), Stop> {
        if terminal.json {
            let result = match exit {
                Exit::Done => "done",
                Exit::Stopped => "stopped",
                Exit::Running => "running",
                Exit::Interrupted => "interrupted",
                _ => "failed",
            };
            terminal
                .data(&format!("{}\n", json!({"event": "summary", "result": result, "exit": exit.code()})))?;
        }
        Ok(())
    }
}
