//! An explained text: what it is known as, how sure that is, what to do.

use std::io::{self, Write};

use super::{
    look::{Look, Tone},
    problem::{self, Hints},
    text,
};
use crate::{
    model::Platform,
    why::{Certainty, Explanation},
};

/// How many further explanations are named.
const OTHERS: usize = 3;

/// Writes the best explanation in full and names the next ones; says what to ask with where there is none.
///
/// # Errors
/// The system's reason why it could not be written.
pub fn terminal(found: &[Explanation], platform: &Platform, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let Some((best, others)) = found.split_first() else { return unknown(look, out) };
    let sure = match best.certainty {
        Certainty::Sure => "This text is known:",
        Certainty::Likely => "This is probably it:",
        Certainty::Maybe => "This may be it, though the text fits another system or only in part:",
    };
    for line in text::wrap(sure, look, "", "") {
        writeln!(out, "{}", look.paint(Tone::Strong, line))?;
    }
    writeln!(out, "\n{}", look.paint(Tone::Strong, text::line(&best.finding.tool, look)))?;
    problem::write(&best.finding, &[], look, &mut Hints::new(platform), out)?;
    let known = text::line(&best.matched, look);
    let known: String = known.chars().take(120).collect();
    for line in text::wrap(&format!("Known by: {known}"), look, "    ", "        ") {
        writeln!(out, "{}", look.paint(Tone::Faint, line))?;
    }
    if !others.is_empty() {
        writeln!(out, "\nIf that does not fit, it could also be:")?;
    }
    for other in others.iter().take(OTHERS) {
        let id = other.finding.diagnosis.as_deref().unwrap_or(&other.finding.id);
        let words = format!("{} (`doctor explain {id}`)", other.finding.found);
        text::wrap(&words, look, "  - ", "    ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

fn unknown(look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", look.paint(Tone::Strong, "doctor does not know this text."))?;
    let help = "Run `doctor` to see whether something it leans on is missing. If all is well there, ask your course staff \
                and give them three things: the command you typed, everything it printed, and the file that \
                `doctor --output report.json` writes.";
    text::wrap(help, look, "", "").iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Writes every explanation as one JSON document.
///
/// # Errors
/// The system's reason why it could not be written.
pub fn json(found: &[Explanation], out: &mut dyn Write) -> io::Result<()> {
    let explained: Vec<serde_json::Value> = found
        .iter()
        .map(|one| {
            serde_json::json!({
                "diagnosis": one.finding.diagnosis,
                "certainty": one.certainty.word(),
                "matched": one.matched,
                "finding": one.finding,
            })
        })
        .collect();
    let document = serde_json::json!({ "schema": crate::model::report::SCHEMA, "explained": explained });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
