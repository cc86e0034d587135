//! The matrix of the page: a row for each learner's machine, a column for each check, and what it is filtered with.

use std::io::{self, Write};

use super::{EVERYBODY, Page, class, escape, verdict_class};
use crate::{
    cohort::{Counts, Learner, Machine, Verdict, Word},
    render::text,
};

/// Rows that stand in one table of the matrix: a browser lays out only the tables that are seen.
const ROWS: usize = 100;

impl Page<'_> {
    pub(super) fn matrix(&mut self, shown: &dyn Fn(&&Learner) -> bool) -> io::Result<()> {
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
}
