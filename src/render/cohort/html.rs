//! A cohort as one page that works offline: everything is in it, it asks nothing of any network, and its policy forbids
//! whatever is not its own. Without scripts everything can be read; they sort, filter and copy.

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{counted, message::Messages, notes, owner, percent};
use crate::{
    cohort::{Cause, Cohort, Counts, Item, Learner, Machine, Verdict, Word},
    model::{Owner, Step},
    render::{Look, text},
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// With more learners than this the matrix and the details have only those who are not ready: browsers give up.
const EVERYBODY: usize = 20_000;

/// With more learners than this a browser lays out only what is looked at; before, it may take the time.
const LONG: usize = 500;

/// Rows that stand in one table of the matrix: a browser lays out only the tables that are seen.
const ROWS: usize = 100;

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

    fn matrix(&mut self, shown: &dyn Fn(&&Learner) -> bool) -> io::Result<()> {
        let cohort = self.cohort;
        // A check that nobody has trouble with says nothing in a matrix.
        let trouble = [Word::Fail, Word::Warn, Word::Unknown, Word::Blocked];
        let is_quiet = |counts: &Counts| trouble.iter().all(|word| counts.of(*word) == 0);
        let quiet: Vec<bool> = cohort.checks.iter().map(|check| is_quiet(&check.counts)).collect();
        let hidden = quiet.iter().filter(|quiet| **quiet).count();
        writeln!(
            self.out,
            "<h2 id=\"checks\">Every learner, every check</h2>\n<div class=\"tools\" id=\"tools\" hidden>"
        )?;
        writeln!(
            self.out,
            "<label>Find <input id=\"text\" type=\"search\" placeholder=\"name, group, cause\"></label>"
        )?;
        write!(self.out, "<label>Verdict <select id=\"verdict\"><option value=\"\">all</option>")?;
        for verdict in Verdict::ALL {
            write!(self.out, "<option value=\"{}\">{}</option>", verdict.word(), verdict.words())?;
        }
        write!(self.out, "</select></label><label>Platform <select id=\"platform\"><option value=\"\">all</option>")?;
        for split in &cohort.platforms {
            let name = escape(&split.platform);
            write!(self.out, "<option value=\"{name}\">{name}</option>")?;
        }
        writeln!(self.out, "</select></label><span id=\"count\" role=\"status\"></span></div>")?;
        if hidden > 0 {
            writeln!(
                self.out,
                "<p class=\"all\"><label><input type=\"checkbox\" id=\"all\"> also show the {} that nobody has trouble with</label></p>",
                text::count(hidden, "check")
            )?;
        }
        if cohort.learners.len() > EVERYBODY {
            writeln!(
                self.out,
                "<p>Only learners who are not ready are shown; <code>--format csv</code> has everybody.</p>"
            )?;
        }
        let mut head = "<th scope=\"col\">learner</th><th scope=\"col\">group</th><th scope=\"col\">verdict</th><th scope=\"col\">platform</th>"
            .to_owned();
        for (check, quiet) in cohort.checks.iter().zip(&quiet) {
            let class = if *quiet { "c q" } else { "c" };
            let (title, id) = (escape(&check.title), escape(&check.id));
            head.push_str(&format!("<th scope=\"col\" class=\"{class}\" title=\"{title}\"><span>{id}</span></th>"));
        }
        let open = |out: &mut dyn Write, first: usize| {
            write!(
                out,
                "<div class=\"part\"><table aria-label=\"Rows from {first} on\"><thead><tr>{head}</tr></thead><tbody>"
            )
        };
        write!(self.out, "<div class=\"wide\" id=\"matrix\" tabindex=\"0\" role=\"region\" aria-label=\"Matrix\">")?;
        open(self.out, 1)?;
        let learners = cohort.learners.iter().enumerate().filter(|(_, learner)| shown(learner));
        let rows =
            learners.flat_map(|(at, learner)| learner.machines.iter().map(move |machine| (at, learner, machine)));
        for (number, (at, learner, machine)) in rows.enumerate() {
            if number > 0 && number.is_multiple_of(ROWS) {
                writeln!(self.out, "</tbody></table></div>")?;
                open(self.out, number + 1)?;
            }
            self.row(at, learner, machine, &quiet)?;
        }
        write!(self.out, "</tbody><tfoot><tr><th scope=\"row\">pass / fail</th><td></td><td></td><td></td>")?;
        for (check, quiet) in cohort.checks.iter().zip(&quiet) {
            let class = if *quiet { " class=\"q\"" } else { "" };
            write!(self.out, "<td{class}>{}/{}</td>", check.counts.pass, check.counts.fail)?;
        }
        writeln!(self.out, "</tr></tfoot></table></div></div>")
    }

    fn row(&mut self, at: usize, learner: &Learner, machine: &Machine, quiet: &[bool]) -> io::Result<()> {
        let causes: Vec<&str> = machine.open.iter().map(|item| &*item.cause).collect();
        let verdict = learner.verdict;
        let name = if learner.name.is_empty() { String::new() } else { format!(" ({})", escape(&learner.name)) };
        let id = escape(&learner.id);
        let link = format!("<a href=\"#l{at}\">{}</a>{name}", if id.is_empty() { "(no name)" } else { &id });
        write!(
            self.out,
            "<tr data-l=\"{at}\" data-v=\"{}\" data-p=\"{}\" data-k=\"{}\"><th scope=\"row\">{link}</th><td>{}</td><td class=\"{}\" \
             data-s=\"{}\">{}</td><td>{}</td>",
            verdict.word(),
            escape(machine.platform),
            escape(&causes.join(" ")),
            escape(&learner.group),
            verdict_class(verdict),
            3 - verdict as u8,
            verdict.words(),
            escape(machine.platform),
        )?;
        for (word, quiet) in machine.cells.iter().zip(quiet) {
            match quiet {
                true => write!(self.out, "<td class=\"{} q\">{}</td>", class(*word), word.word())?,
                false => write!(self.out, "<td class={}>{}</td>", class(*word), word.word())?,
            }
        }
        write!(self.out, "</tr>")
    }

    fn learners(&mut self, shown: &dyn Fn(&&Learner) -> bool) -> io::Result<()> {
        let messages = Messages::new(self.cohort);
        writeln!(self.out, "<h2 id=\"learners\">Learners, those who need most help first</h2>")?;
        for (at, learner) in self.cohort.learners.iter().enumerate().filter(|(_, learner)| shown(learner)) {
            let name = if learner.name.is_empty() { String::new() } else { format!(" ({})", escape(&learner.name)) };
            let group = if learner.group.is_empty() { String::new() } else { format!(" [{}]", escape(&learner.group)) };
            let reason =
                if learner.reason.is_empty() { String::new() } else { format!(" {}", escape(&learner.reason)) };
            write!(
                self.out,
                "<details data-l=\"{at}\"><summary><b>{}</b>{name}{group} <span class=\"t {}\">{}</span>{reason}</summary><div id=\"l{at}\">",
                escape(&learner.id),
                verdict_class(learner.verdict),
                learner.verdict.words()
            )?;
            for machine in &learner.machines {
                self.machine(machine)?;
            }
            if learner.machines.iter().any(|machine| !machine.open.is_empty()) {
                write!(self.out, "<h3>Message to send</h3><pre>{}</pre>", escape_lines(&messages.to(learner)))?;
            }
            writeln!(self.out, "</div></details>")?;
        }
        Ok(())
    }

    fn machine(&mut self, machine: &Machine) -> io::Result<()> {
        let counts: Vec<String> = (Word::ALL.iter())
            .filter(|word| machine.counts.of(**word) > 0)
            .map(|word| format!("{} {}", machine.counts.of(*word), word.word()))
            .collect();
        let facts = [
            ("system", &*machine.system),
            ("shell", &*machine.shell),
            ("made", machine.started.as_deref().unwrap_or("does not say when")),
            ("earlier reports", &if machine.earlier > 0 { machine.earlier.to_string() } else { String::new() }),
            ("machine", &*machine.id),
            ("from", &*machine.source),
            ("checks", &counts.join(", ")),
        ];
        write!(self.out, "<h3>{}: {}</h3><p>", escape(machine.platform), machine.verdict.words())?;
        // One text and not a list: a page of thousands has to be read by a browser.
        let facts: Vec<String> = (facts.iter().filter(|(_, fact)| !fact.is_empty()))
            .map(|(name, fact)| format!("{name}: {}", escape(fact)))
            .collect();
        write!(self.out, "{}</p>", facts.join("; "))?;
        for item in &machine.open {
            self.item(item)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Item) -> io::Result<()> {
        let found = if item.found.is_empty() { &*item.cause } else { item.found.as_str() };
        write!(
            self.out,
            "<h3><span class=\"t {}\">{}</span> {}</h3>",
            class(item.word),
            if item.counts { item.word.word() } else { "can wait" },
            escape(found)
        )?;
        let exit = item.exit.map(|code| code.to_string()).unwrap_or_default();
        self.list(&[
            ("cause", item.cause.to_string()),
            ("who", owner(item.owner).to_owned()),
            ("command", item.command.clone()),
            ("exit code", exit),
            ("program", item.program.clone()),
            ("all on PATH", item.candidates.join(", ")),
            ("it said", item.excerpt.clone()),
        ])
    }

    fn list(&mut self, facts: &[(&str, String)]) -> io::Result<()> {
        write!(self.out, "<dl>")?;
        for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
            write!(self.out, "<dt>{name}</dt><dd>{}</dd>", escape(fact))?;
        }
        write!(self.out, "</dl>")
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
