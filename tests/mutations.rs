//! What a tool prints varies in ways that mean nothing: line ends, colours, a warning in front, another home folder.
//! Every case and every pasted text must be judged the same in all of these forms, and no output may panic the judging.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use doctor::{
    diagnose::diagnose,
    model::{Evidence, Observation, Seen, observation::clean},
    why::explain,
};
use support::cases::{Case, load_cases, load_whys};

type Mutation = (&'static str, fn(&str) -> String);
type Form = Box<dyn Fn(&str) -> String>;

/// The forms; each gives what the program would really have written.
const MUTATIONS: &[Mutation] = &[
    ("CRLF", |text| text.replace('\n', "\r\n")),
    ("CR CR LF", |text| text.replace('\n', "\r\r\n")),
    ("colours", |text| text.lines().map(|line| format!("\u{1b}[1;31m{line}\u{1b}[0m\u{1b}[K\n")).collect()),
    ("another home", |text| text.replace("/home/ada", "/home/zoe-lee").replace("/Users/ada", "/Users/zoe-lee")),
    ("another user", |text| text.replace("ada@", "zoe@").replace(" ada ", " zoe ").replace("user ada", "user zoe")),
    ("blank lines around", |text| if text.is_empty() { String::new() } else { format!("\n\n{text}\n\n") }),
];

/// Warnings that have nothing to do with the tool, as launchers and locales print them in front of anything.
const WARNINGS: &[&str] = &[
    "bash: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8)\n",
    "perl: warning: Setting locale failed.\n",
];

fn mutated(seen: &Seen, mutate: impl Fn(&str) -> String) -> Option<Seen> {
    let form = |text: &String| clean(mutate(text).as_bytes());
    Some(match seen {
        Seen::Exited { code, stdout, stderr } => {
            Seen::Exited { code: *code, stdout: form(stdout), stderr: form(stderr) }
        }
        Seen::TimedOut { stdout, stderr } => Seen::TimedOut { stdout: form(stdout), stderr: form(stderr) },
        Seen::Text(text) => Seen::Text(form(text)),
        _ => return None,
    })
}

/// Every case that saw a command's output, with its file.
fn output_cases() -> Vec<(String, Case)> {
    let cases = load_cases().into_iter();
    let all = cases.flat_map(|(stem, cases)| cases.into_iter().map(move |case| (stem.clone(), case)));
    all.filter(|(_, case)| case.saw.as_ref().is_some_and(|seen| mutated(seen, str::to_owned).is_some())).collect()
}

fn check(what: &str, mutate: impl Fn(&Seen) -> Option<Seen>) {
    let catalog = support::catalog();
    let mut wrong = Vec::new();
    let cases = output_cases();
    for (stem, case) in &cases {
        let Some(seen) = case.saw.as_ref().and_then(&mutate) else { continue };
        let changed = Case { saw: Some(seen), says: None, fix: None, ..case.clone() };
        if let Err(why) = changed.run(stem, &catalog) {
            wrong.push(format!("{stem}.toml, case `{}`, with {what}: {why}", case.name));
        }
    }
    assert!(cases.len() > 50, "only {} cases", cases.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_form_of_output_changes_no_finding() {
    for (what, mutate) in MUTATIONS {
        check(what, |seen| mutated(seen, mutate));
    }
}

#[test]
fn a_warning_in_front_changes_no_finding() {
    for warning in WARNINGS {
        check("a warning on standard error", |seen| match seen {
            Seen::Exited { code, stdout, stderr } => {
                Some(Seen::Exited { code: *code, stdout: stdout.clone(), stderr: format!("{warning}{stderr}") })
            }
            _ => None,
        });
    }
}

/// Terminals and chats add prompts, wrap lines and put other text around what is pasted.
#[test]
fn noise_around_a_pasted_text_changes_no_explanation() {
    let catalog = support::catalog();
    let around = |text: &str| {
        format!("ada@laptop:~/course$ make lab\nmake: Entering directory '/x'\n{text}\nada@laptop:~/course$ ")
    };
    let quoted = |text: &str| text.lines().map(|line| format!("> {line}\n")).collect::<String>();
    // As a narrow terminal wraps what is copied out of it.
    let wrapped = |text: &str| {
        let lines = text.lines().map(|line| line.chars().collect::<Vec<_>>());
        let cut =
            lines.flat_map(|line| line.chunks(80).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>());
        cut.collect::<Vec<_>>().join("\n")
    };
    let forms: Vec<(&str, Form)> = MUTATIONS
        .iter()
        .filter(|(what, _)| !what.contains("another"))
        .map(|(what, mutate)| (*what, Box::new(mutate) as Form))
        .chain([("prompts", Box::new(around) as Form), ("quotes", Box::new(quoted))])
        .chain([("lines wrapped within words", Box::new(wrapped) as Form)])
        .collect();
    let mut wrong = Vec::new();
    for (stem, whys) in load_whys() {
        for why in whys {
            for (what, form) in &forms {
                let text = clean(form(&why.text).as_bytes());
                if text == clean(why.text.as_bytes()) {
                    continue;
                }
                let found = explain(&catalog, &text, &support::platform(&why.on));
                let ids: Vec<&str> = found.iter().filter_map(|one| one.finding.diagnosis.as_deref()).collect();
                let first = ids.first().copied().unwrap_or("");
                // A text cut within its words may fit a neighbour as well; then the right one is named beside it.
                let second = what.contains("wrapped") && ids.iter().take(3).any(|id| *id == why.finding);
                if first != why.finding && !second {
                    wrong.push(format!(
                        "{stem}.toml, text `{}`, with {what}: `{first}`, not `{}`",
                        why.name, why.finding
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// No output of any tool can panic the judging or make it run for long: every check judges hostile and random texts.
#[test]
fn any_output_is_judged() {
    let catalog = support::catalog();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let samples: Vec<String> = output_cases()
        .into_iter()
        .filter_map(|(_, case)| match case.saw {
            Some(Seen::Exited { stdout, stderr, .. }) => Some(stdout + &stderr),
            _ => None,
        })
        .collect();
    for subject in catalog.subjects() {
        for round in 0..12 {
            let mut bytes: Vec<u8> = match round {
                0 => vec![0; 3000],
                1 => b"99999999999999999999.99999999999999999999 ".repeat(200),
                2 => "é漢\u{202e}\u{0}".repeat(500).into_bytes(),
                3 => b"(((((((((([[[[{{{{{{".repeat(100),
                _ => samples[random() as usize % samples.len()].clone().into_bytes(),
            };
            for _ in 0..round {
                let length = bytes.len().max(1) as u64;
                if let Some(byte) = bytes.get_mut((random() % length) as usize) {
                    *byte = random() as u8;
                }
            }
            let text = clean(&bytes);
            let code = [0, 1, 127, -1, 255][random() as usize % 5];
            for seen in [
                Seen::Exited { code, stdout: text.clone(), stderr: text.clone() },
                Seen::TimedOut { stdout: text.clone(), stderr: String::new() },
                Seen::Text(text.clone()),
            ] {
                let seen = Observation { seen, evidence: Evidence::default(), ..Observation::default() };
                let finding = diagnose(subject, seen, &support::platform("wsl"), &catalog.calendar);
                assert_eq!(finding.id, subject.id());
            }
        }
    }
}
