//! What a run says while it goes on: lines for people, or one JSON event a line.

use std::future::Future;
use std::io::{BufRead as _, IsTerminal as _};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{Event, Listen};
use crate::model::Integration;

/// Silence that nobody should have to interpret: CI systems stop a job that says nothing for some minutes.
const SILENCE: Duration = Duration::from_secs(30);

/// Prints the events of a run.
pub(crate) struct Progress {
    started: Instant,
    sender: UnboundedSender<Said>,
    events: UnboundedReceiver<Said>,
}

/// An event, and where the answer goes if it is a question.
type Said = (Event, Option<oneshot::Sender<bool>>);

struct Sender(UnboundedSender<Said>);

// Nobody listens any more once the run was interrupted.
impl Listen for Sender {
    fn hear(&self, event: &Event) {
        let _ = self.0.send((event.clone(), None));
    }

    fn ask(&self, event: &Event) -> oneshot::Receiver<bool> {
        let (answer, heard) = oneshot::channel();
        let _ = self.0.send((event.clone(), Some(answer)));
        heard
    }
}

impl Progress {
    pub(crate) fn new() -> Self {
        let (sender, events) = unbounded_channel();
        Self { started: Instant::now(), sender, events }
    }

    /// One who hears for this.
    pub(crate) fn listener(&self) -> Box<dyn Listen> {
        Box::new(Sender(self.sender.clone()))
    }

    /// Runs something and prints what it tells. `None` if a person interrupted it; what was begun in AWS goes on there.
    pub(crate) async fn watch<T>(
        &mut self,
        integration: &Integration,
        terminal: &mut Terminal,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Stop> {
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(work, interrupted);
        let mut last = None;
        let done = loop {
            tokio::select! {
                biased;
                Some((event, answer)) = self.events.recv() => {
                    self.print(integration, terminal, &event)?;
                    if let Some(answer) = answer {
                        let Some(yes) = self.agrees(terminal, "go on with this?").await else { break None };
                        let _ = answer.send(yes);
                    }
                    last = Some(event);
                }
                done = &mut work => break Some(done),
                _ = &mut interrupted => break None,
                () = tokio::time::sleep(SILENCE) => {
                    if let Some(event) = &last {
                        let event = Event { status: "waiting", reason: "still at work".into(), ..event.clone() };
                        self.print(integration, terminal, &event)?;
                    }
                }
            }
        };
        while let Ok((event, _)) = self.events.try_recv() {
            self.print(integration, terminal, &event)?;
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

    fn print(&self, integration: &Integration, terminal: &mut Terminal, event: &Event) -> Result<(), Stop> {
        let target = event.target;
        let account = integration.account(target.stack.side());
        let (region, stack) = (target.region.as_str(), target.stack.stem());
        if terminal.json {
            let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let line = json!({
                "event": event.kind, "integration": integration.name.to_string(), "account": account.as_str(), "region": region, "stack": stack,
                "status": event.status, "reason": event.reason, "elapsed_ms": elapsed,
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
            let line = format!("  {region:<14}  {stack:<17}  {status}{gap}{reason}");
            if is_bad { terminal.complain(&format!("{line}\n")) } else { terminal.say(&line) }
        }
        Ok(())
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
