//! A cohort as one page that works offline: everything is in it, it asks nothing of any network, and its policy forbids
//! whatever is not its own. Without scripts everything can be read; they sort, filter and copy.

mod matrix;
mod people;

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{counted, notes, percent};
use crate::{
    cohort::{Cause, Cohort, Learner, Verdict, Word},
    model::{Owner, Step},
    render::{Look, text},
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// With more learners than this the matrix and the details have only those who are not ready: browsers give up.
const EVERYBODY: usize = 20_000;

/// With more learners than this a browser lays out only what is looked at; before, it may take the time.
const LONG: usize = 500;

/// Writes the page.
pub(super) fn cohort(cohort: &Cohort, out: &mut dyn Write) -> io::Result<()> {
    let everybody = cohort.learners.len() <= EVERYBODY;
    let shown = move |learner: &&Learner| everybody || learner.verdict != Verdict::Ready;
    let mut page = Page { cohort, out };
    page.head()?;
    page.summary()?;
    page.causes()?;
    page.platforms()?;
    page.matrix(&shown)?;
    page.learners(&shown)?;
    page.rest()?;
    writeln!(page.out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

struct Page<'a> {
    cohort: &'a Cohort,
    out: &'a mut dyn Write,
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// A text on one line that stays a text in HTML, attributes included.
fn escape(text: &str) -> String {
    entities(&text::line(text, Look::default()))
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The same with its lines kept.
fn escape_lines(text: &str) -> String {
    entities(&text::command(text))
}

/// The class of a cell.
fn class(word: Word) -> &'static str {
    match word {
        Word::Pass => "p",
        Word::Fail => "f",
        Word::Warn => "w",
        Word::Unknown => "u",
        Word::Skip => "s",
        Word::Blocked => "b",
        Word::Waived => "v",
        Word::Missing => "m",
    }
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "p",
        Verdict::Alone => "w",
        Verdict::Staff => "u",
        Verdict::Admin => "f",
    }
}

impl Page<'_> {
    fn head(&mut self) -> io::Result<()> {
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        writeln!(
            self.out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
             content=\"{policy}\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" \
             content=\"no-referrer\">\n<title>Cohort of {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main{}>",
            escape(self.cohort.made.get(..10).unwrap_or_default()),
            if self.cohort.learners.len() > LONG { " class=\"long\"" } else { "" }
        )
    }

    fn summary(&mut self) -> io::Result<()> {
        let summary = self.cohort.summary;
        writeln!(self.out, "<h1>Cohort of {}</h1>", escape(&self.cohort.made))?;
        writeln!(self.out, "<p class=\"soft\">{}</p>", escape(&counted(self.cohort).join(", ")))?;
        writeln!(
            self.out,
            "<nav aria-label=\"Parts\"><a href=\"#causes\">What to fix</a> <a href=\"#checks\">Matrix</a> <a href=\"#learners\">Learners</a> \
             <a href=\"#rest\">Not reported, rejected</a></nav>\n<ul class=\"cards\">"
        )?;
        let mut cards = vec![
            (summary.learners, "learners reported"),
            (summary.ready, "ready"),
            (summary.alone, "can fix it alone"),
        ];
        cards.extend([(summary.staff, "need staff"), (summary.admin, "need admin")]);
        if summary.expected > 0 {
            cards.push((summary.not_reported, "not reported"));
        }
        if summary.rejected > 0 {
            cards.push((summary.rejected, "rejected"));
        }
        for (number, what) in cards {
            writeln!(self.out, "<li><b>{number}</b> {what}</li>")?;
        }
        writeln!(self.out, "</ul>")
    }

    fn causes(&mut self) -> io::Result<()> {
        writeln!(self.out, "<h2 id=\"causes\">What to fix, by how many it helps</h2>")?;
        if self.cohort.causes.is_empty() {
            return writeln!(self.out, "<p>Nothing.</p>");
        }
        writeln!(self.out, "<ul class=\"causes\">")?;
        for cause in &self.cohort.causes {
            self.cause(cause)?;
        }
        writeln!(self.out, "</ul>")
    }

    fn cause(&mut self, cause: &Cause) -> io::Result<()> {
        let (class, level) = if cause.required { ("", "required") } else { (" class=\"rec\"", "recommended") };
        let say = if cause.say.is_empty() { &cause.id } else { &cause.say };
        writeln!(
            self.out,
            "<li{class}><p><b>{} ({})</b>, {level}: {}</p><p class=\"soft\"><code>{}</code></p>",
            text::count(cause.learners, "learner"),
            percent(cause.per_mille),
            escape(say),
            escape(&cause.id)
        )?;
        let on: Vec<String> =
            cause.platforms.iter().map(|on| format!("{} {} of {}", on.platform, on.learners, on.of)).collect();
        writeln!(self.out, "<p class=\"soft\">{}</p>", escape(&on.join(", ")))?;
        if !cause.suspect.is_empty() {
            let words = text::list(&cause.suspect);
            writeln!(
                self.out,
                "<p><strong>Most learners on {} have it and hardly anybody else: look at the instruction first.</strong></p>",
                escape(&words)
            )?;
        }
        if !cause.known {
            writeln!(self.out, "<p>This doctor does not know it; look at one of the reports.</p>")?;
        }
        for fix in &cause.fixes {
            let Some(step) = self.cohort.fixes.get(fix.fix) else { continue };
            let whom = format!("{}, {}", fix.platforms.join(", "), text::count(fix.learners, "learner"));
            let to = match step.owner {
                Owner::Learner => "Send back",
                Owner::Staff => "For course staff",
                Owner::Admin => "For an administrator",
            };
            writeln!(self.out, "<p>{to} ({}):</p>", escape(&whom))?;
            self.step(step)?;
        }
        writeln!(self.out, "</li>")
    }

    fn step(&mut self, step: &Step) -> io::Result<()> {
        if !step.run.is_empty() {
            let commands: Vec<String> = step.run.iter().map(|command| escape_lines(command)).collect();
            writeln!(self.out, "<pre>{}</pre>", commands.join("\n"))?;
        }
        for note in notes(step) {
            writeln!(self.out, "<p>{}</p>", escape(&note))?;
        }
        // Pages come from the collector's own checks; anything but an address of the web stays a text.
        if step.see.starts_with("https://") {
            let see = escape(&step.see);
            writeln!(self.out, "<p><a href=\"{see}\" rel=\"noreferrer noopener\">{see}</a></p>")?;
        }
        Ok(())
    }

    fn platforms(&mut self) -> io::Result<()> {
        writeln!(
            self.out,
            "<h2>By platform</h2>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">platform</th><th scope=\"col\">learners</th>\
             <th scope=\"col\">machines</th><th scope=\"col\">ready</th><th scope=\"col\">can fix it alone</th><th scope=\"col\">need staff</th>\
             <th scope=\"col\">need admin</th><th scope=\"col\">most frequent</th></tr></thead><tbody>"
        )?;
        for split in &self.cohort.platforms {
            write!(self.out, "<tr><th scope=\"row\">{}</th>", escape(&split.platform))?;
            for number in [split.learners, split.machines, split.ready, split.alone, split.staff, split.admin] {
                write!(self.out, "<td class=\"n\">{number}</td>")?;
            }
            writeln!(self.out, "<td>{}</td></tr>", escape(&split.top.join(", ")))?;
        }
        writeln!(self.out, "</tbody></table></div>")
    }

    fn rest(&mut self) -> io::Result<()> {
        let cohort = self.cohort;
        writeln!(self.out, "<h2 id=\"rest\">Not reported ({})</h2>", cohort.not_reported.len())?;
        if cohort.summary.expected == 0 {
            writeln!(self.out, "<p>Without <code>--roster</code> nobody is missed.</p>")?;
        }
        self.bullets(cohort.not_reported.iter().map(|one| match one.name.as_str() {
            "" => escape(&one.id),
            name => format!("{} ({})", escape(&one.id), escape(name)),
        }))?;
        writeln!(self.out, "<h2>Rejected ({})</h2>", cohort.summary.rejected)?;
        self.bullets(cohort.rejected.iter().map(|one| {
            let place = if one.place.is_empty() { String::new() } else { format!(", {}", one.place) };
            format!("<b>{}</b>{}: {}", escape(&one.source), escape(&place), escape(&one.reason))
        }))?;
        if !cohort.notices.is_empty() {
            writeln!(self.out, "<h2>To know</h2>")?;
            self.bullets(cohort.notices.iter().map(|notice| {
                let whom = if notice.learners.is_empty() {
                    String::new()
                } else {
                    format!(": {}", notice.learners.join(", "))
                };
                format!("{}{}", escape(&notice.say), escape(&whom))
            }))?;
        }
        writeln!(
            self.out,
            "<p class=\"soft\">Made by doctor {} with checks {}. Commands come from these checks, never from a report.</p>",
            escape(&cohort.doctor.version),
            escape(&cohort.doctor.checks)
        )
    }

    fn bullets(&mut self, items: impl Iterator<Item = String>) -> io::Result<()> {
        let mut items = items.peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        writeln!(self.out, "<ul>")?;
        for item in items {
            writeln!(self.out, "<li>{item}</li>")?;
        }
        writeln!(self.out, "</ul>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        assert_eq!(
            escape("</script><img src=x onerror=\"1\">'&"),
            "&lt;/script&gt;&lt;img src=x onerror=&quot;1&quot;&gt;&#39;&amp;"
        );
        assert_eq!(escape("a\u{1b}[2K\u{0}\u{202e}b\nc"), "ab c");
        assert_eq!(escape_lines("a\nb <"), "a\nb &lt;");
    }

    #[test]
    fn what_the_page_brings_along_ends_nothing_early() {
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("eval") && !STYLE.contains("url("));
    }
}
