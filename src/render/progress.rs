//! What is being looked at, on standard error while a run lasts. A view of the exam's events and nothing more.

use std::{collections::VecDeque, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Look, text};
use crate::exam::Event;

/// A line on the terminal that is gone when the run is over.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    look: Look,
    open: VecDeque<String>,
}

impl Progress {
    /// Shows progress, or nothing where it is not wanted.
    pub fn new(wanted: bool, look: Look) -> Self {
        let bar = ProgressBar::hidden();
        if wanted {
            let ticks = look.either("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ", "-\\|/ ");
            let template = if look.colour { "{spinner:.cyan} {msg}" } else { "{spinner} {msg}" };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.tick_chars(ticks));
            }
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(12));
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar, look, open: VecDeque::new() }
    }

    /// Tells what happened.
    pub fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Planned(checks) => self.bar.set_length(checks as u64),
            Event::Started(id) => self.open.push_back(id.to_owned()),
            Event::Finished(finding) => {
                self.open.retain(|id| *id != finding.id);
                self.bar.inc(1);
            }
        }
        if self.bar.is_hidden() {
            return;
        }
        let what = self.open.front().map_or("the rest", |id| id.split('.').next().unwrap_or(id));
        let done = format!("{}/{}", self.bar.position(), self.bar.length().unwrap_or(0));
        let message = format!("Looking at {what}{} {done}", self.look.either("…", "..."));
        self.bar.set_message(text::line(&message, self.look));
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
