//! Why doctor could not do its work: a word for programs, a sentence and a hint for people, exit code 2.

use std::io::{self, Write as _};

use super::{FAILED, output, screen};
use crate::{
    catalog::CatalogError,
    host::process,
    render::{json, look::Tone},
};

/// From now on a defect of doctor's own does not look like a verdict on the machine, and leaves nothing running.
pub(super) fn own_up_to_defects() {
    std::panic::set_hook(Box::new(|defect| {
        let report = "  Please report these lines and what `doctor --version` says.";
        // Whoever is gone need not be told.
        let _ = writeln!(io::stderr(), "doctor: a mistake in doctor itself, not on this machine: {defect}\n{report}");
        process::end_all();
        std::process::exit(FAILED.into());
    }));
}

/// Why doctor could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    /// What kind it is, for programs.
    kind: &'static str,
    /// What happened, a sentence without a full stop.
    message: String,
    /// What to do; may be empty.
    hint: String,
    /// clap's own words with their colours, which are shown in place of `message`.
    usage: Option<clap::Error>,
    /// Whether standard output holds the run's document already: a second one would make both useless.
    shown: bool,
}

impl Failure {
    /// Of a kind, with what happened.
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: String::new(), usage: None, shown: false }
    }

    /// Adds what to do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// It happened after the report was written to standard output.
    #[must_use]
    pub(super) fn after_report(mut self) -> Self {
        self.shown = true;
        self
    }

    /// The command line is not understood.
    pub(super) fn usage(error: clap::Error) -> Self {
        let words = error.render().to_string();
        let mut lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let hint = lines.find_map(|line| line.strip_prefix("tip: ")).unwrap_or_default().to_owned();
        Self { kind: "usage", message, hint, usage: Some(error), shown: false }
    }

    /// Tells it on standard error, and as a document on standard output where one was promised.
    pub(super) fn tell(self, json: bool) -> u8 {
        if json && !self.shown {
            let mut bytes = Vec::new();
            let document = json::Failed::new(self.kind, &self.message, &self.hint);
            // If even this cannot be written, the words on standard error are all that is left.
            let _ = json::document(&document, &mut bytes).map(|()| output::stdout(&bytes, true));
        }
        match &self.usage {
            Some(error) => drop(error.print()),
            None => {
                let look = screen::look_of_errors();
                let mut lines = vec![format!("{} {}", look.paint(Tone::Bad, "error:"), tidy(&self.message))];
                if !self.hint.is_empty() {
                    lines.push(format!("\n  {} {}", look.paint(Tone::Good, "tip:"), tidy(&self.hint)));
                }
                // A closed standard error is nothing that could be told to anybody.
                let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
            }
        }
        FAILED
    }
}

/// Tells on standard error what is worth knowing and no failure.
pub(super) fn note(message: &str) {
    let look = screen::look_of_errors();
    // A closed standard error is nothing that could be told to anybody.
    let _ = writeln!(io::stderr(), "{} {}", look.paint(Tone::Doubtful, "note:"), tidy(message));
}

/// A message may quote a file or a name from anywhere; it keeps its lines and nothing else that moves the cursor.
fn tidy(text: &str) -> String {
    crate::render::text::command(text)
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        Self::new("checks", error.to_string())
    }
}

/// The system's reason in plain words.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "you may not do that there (permission denied)".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is not a folder".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}
