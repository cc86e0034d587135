//! What every check file obeys, whoever writes it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use doctor::{
    catalog::Catalog,
    diagnose::{COMMON, Subject, applies},
    model::{Check, Condition, Fix, Level, Outcome, Probe, Step, fix::step_for, platform::WORDS, template},
};

/// Applies a law to every check and fails with every breach at once.
fn law(breaches: impl Fn(&Catalog, Subject<'_>) -> Vec<String>) {
    let catalog = support::catalog();
    let all: Vec<String> = catalog
        .subjects()
        .flat_map(|subject| {
            breaches(&catalog, subject).into_iter().map(move |what| format!("{}: {what}", subject.id()))
        })
        .collect();
    assert!(all.is_empty(), "{} breaches:\n{}", all.len(), all.join("\n"));
}

/// What the build packs, in books of its own that are read late, is what the files say.
#[test]
fn embedded_checks_are_the_files() {
    let (packed, files) = (Catalog::embedded().unwrap(), support::catalog());
    for ((stem, packed), (_, file)) in packed.tools.iter().zip(&files.tools) {
        assert!(packed == file, "{stem} differs");
    }
    assert_eq!(packed.tools.len(), files.tools.len());
    assert_eq!(format!("{:?}", packed.commands), format!("{:?}", files.commands));
}

fn when(breach: bool, what: impl Into<String>) -> Vec<String> {
    if breach { vec![what.into()] } else { Vec::new() }
}

fn fixes(check: &Check) -> impl Iterator<Item = &Fix> {
    let own = std::iter::once(&*check.fix).chain(check.diagnose.iter().map(|diagnosis| &*diagnosis.fix));
    own.chain(check.remedy.iter().map(|remedy| &remedy.fix))
}

fn steps(check: &Check) -> impl Iterator<Item = &Step> {
    fixes(check).flat_map(|fix| fix.values().map(|step| &**step))
}

/// Whether a check is looked at on a platform word's machine.
fn runs_on(check: &Check, word: &str) -> bool {
    let platform = support::platform(word);
    applies(&check.on, &platform) && !check.not_on.iter().any(|word| platform.is(word))
}

#[test]
fn steps_are_unique_and_files_are_named_as_ids() {
    let catalog = support::catalog();
    let mut places = BTreeMap::new();
    for (stem, tool) in &catalog.tools {
        assert!(doctor::catalog::error::is_kebab(stem), "{stem}");
        if let Some(other) = places.insert(tool.step, stem) {
            panic!("{stem} and {other} have the same step {}", tool.step);
        }
    }
}

#[test]
fn ids_name_states_and_are_unique() {
    law(|_, subject| {
        let mut seen = BTreeSet::new();
        let ids = subject.check.diagnose.iter().map(|diagnosis| diagnosis.id.as_str());
        let outcome = |id: &str| ["pass", "fail", "skip", "unknown", "ok", "error"].contains(&id);
        let own = when(outcome(&subject.check.id), "the id is the name of an outcome");
        own.into_iter()
            .chain(ids.flat_map(|id| {
                let twice = !seen.insert(id.to_owned());
                let mut breaches = when(outcome(id), format!("`{id}` is the name of an outcome"));
                breaches.extend(when(twice, format!("`{id}` stands twice")));
                breaches
            }))
            .collect()
    });
}

#[test]
fn titles_state_the_healthy_condition_briefly() {
    law(|_, Subject { check, .. }| {
        [
            when(check.title.chars().count() > 60, "the title is longer than 60 columns"),
            when(check.title.ends_with('.'), "the title ends with a full stop"),
            when(!check.title.starts_with(|c: char| c.is_uppercase() || c == '`'), "the title does not start large"),
            when(check.why.trim().is_empty(), "there is no why"),
            when(!check.why.ends_with('.'), "the why is no sentence"),
        ]
        .concat()
    });
}

#[test]
fn messages_are_one_line_without_full_stop() {
    law(|_, Subject { check, .. }| {
        let says = check.diagnose.iter().map(|diagnosis| diagnosis.say.as_str()).chain([check.pass.as_str()]);
        says.flat_map(|say| {
            [
                when(say.contains('\n'), format!("more than one line: {say}")),
                when(say.ends_with('.') && !say.ends_with("..."), format!("a full stop: {say}")),
                when(say.chars().count() > 160, format!("longer than 160 characters: {say}")),
            ]
            .concat()
        })
        .collect()
    });
}

#[test]
fn every_check_can_fail_and_every_diagnosis_can_hold() {
    law(|_, Subject { check, .. }| {
        let can_fail = !check.expect.is_empty()
            || check.diagnose.iter().any(|diagnosis| !diagnosis.when.is_empty())
            || matches!(check.probe, Probe::Command(_) | Probe::AnyOf(_) | Probe::File(_));
        let idle = check.diagnose.iter().filter(|diagnosis| {
            let otherwise = check.otherwise.as_deref() == Some(diagnosis.id.as_str());
            diagnosis.when.is_empty()
                && diagnosis.known_by.is_empty()
                && diagnosis.not_found.is_empty()
                && !otherwise
                && !COMMON.contains(&diagnosis.id.as_str())
        });
        let unnamed = check.otherwise.iter().filter(|id| !check.diagnose.iter().any(|diagnosis| diagnosis.id == **id));
        when(!can_fail, "it cannot fail")
            .into_iter()
            .chain(idle.map(|diagnosis| format!("`{}` can never hold", diagnosis.id)))
            .chain(unnamed.map(|id| format!("`otherwise` names `{id}`, which is no diagnosis")))
            .collect()
    });
}

/// An empty pattern, or one that matches nothing in particular, would hold for everything.
#[test]
fn patterns_say_something() {
    fn all(check: &Check) -> impl Iterator<Item = &str> {
        let conditions = check.diagnose.iter().map(|diagnosis| &diagnosis.when).chain([&check.expect]);
        let known = check.diagnose.iter().flat_map(|diagnosis| diagnosis.known_by.iter());
        conditions.flat_map(Condition::patterns).chain(known).map(|pattern| pattern.as_str())
    }
    law(|_, Subject { check, .. }| {
        all(check)
            .filter(|source| matches!(*source, "" | ".*"))
            .map(|source| format!("the pattern `{source}`"))
            .collect()
    });
    law(|_, Subject { check, .. }| {
        let known = check.diagnose.iter().flat_map(|diagnosis| diagnosis.known_by.iter());
        known
            .filter(|pattern| pattern.is_match(""))
            .map(|pattern| format!("`{}` knows the empty text", pattern.as_str()))
            .collect()
    });
}

/// A remedy for a state that is not there would never be told.
#[test]
fn remedies_are_for_states_of_their_check() {
    law(|_, Subject { check, .. }| {
        let known = |state: &str| COMMON.contains(&state) || check.diagnose.iter().any(|d| d.id == state);
        let states = check.remedy.iter().flat_map(|remedy| &remedy.states).filter(|state| !known(state));
        let always = check.remedy.iter().filter(|remedy| remedy.when.is_empty() || remedy.states.is_empty());
        states
            .map(|state| format!("a remedy is for `{state}`, which is no diagnosis"))
            .chain(always.map(|_| "a remedy without `when` or without `for` belongs into a fix".to_owned()))
            .collect()
    });
}

/// A state that is not there would never be waited out.
#[test]
fn only_states_of_the_check_may_come_up() {
    law(|_, Subject { check, .. }| {
        let known = |state: &str| COMMON.contains(&state) || check.diagnose.iter().any(|d| d.id == state);
        let unknown = check.may_come_up.iter().filter(|state| !known(state));
        unknown.map(|state| format!("`{state}` may come up, but is no diagnosis")).collect()
    });
}

#[test]
fn a_level_is_lowered_and_never_raised() {
    law(|_, Subject { check, .. }| {
        let raised = check.diagnose.iter().filter(|diagnosis| diagnosis.level.is_some_and(|level| level > check.level));
        raised.map(|diagnosis| format!("`{}` raises the level", diagnosis.id)).collect()
    });
}

/// What `diagnose` may answer by itself for a probe, as far as it fails and thus needs a fix.
fn failing(check: &Check) -> Vec<&str> {
    let named = check.diagnose.iter();
    named
        .filter(|diagnosis| matches!(diagnosis.outcome, None | Some(Outcome::Fail)))
        .map(|diagnosis| diagnosis.id.as_str())
        .chain(["absent"])
        .collect()
}

#[test]
fn every_failing_state_has_a_fix_on_every_platform_it_runs_on() {
    law(|_, Subject { check, .. }| {
        let mut breaches = Vec::new();
        for word in support::MACHINES.iter().filter(|word| runs_on(check, word)) {
            let platform = support::platform(word);
            for id in failing(check) {
                let diagnosis = check.diagnose.iter().find(|diagnosis| diagnosis.id == id);
                if diagnosis.is_some_and(|diagnosis| !applies(&diagnosis.on, &platform)) {
                    continue;
                }
                let own = diagnosis.and_then(|diagnosis| step_for(&diagnosis.fix, &platform));
                let step = own.filter(|step| !step.is_empty()).or_else(|| step_for(&check.fix, &platform));
                if step.is_none_or(|step| step.is_empty()) && (diagnosis.is_some() || check.level > Level::Optional) {
                    breaches.push(format!("`{id}` has no fix on {word}"));
                }
            }
        }
        breaches
    });
}

#[test]
fn no_fix_is_dangerous_or_left_to_guess() {
    const NEVER: &[&str] =
        &["rm -rf", "chmod 777", "chmod -R 777", "wsl --unregister", "--break-system-packages", "sudo npm", "sudo pip"];
    law(|_, Subject { check, .. }| {
        let commands =
            steps(check).flat_map(|step| step.run.iter().chain(&step.fish).map(move |command| (step, command)));
        commands
            .flat_map(|(step, command)| {
                let piped = command.contains("curl") && command.contains('|');
                let into_root = piped && command.split('|').skip(1).any(|part| part.trim_start().starts_with("sudo"));
                let from_network =
                    piped || command.contains("iex") || command.contains("$(curl") || command.contains("<(curl");
                let guess = ["<your", "<name", "YOUR_", "/path/to"].iter().any(|sign| command.contains(sign));
                [
                    NEVER
                        .iter()
                        .filter(|bad| format!("{command} ").contains(**bad))
                        .map(|bad| format!("`{bad}` in: {command}"))
                        .collect(),
                    when(into_root, format!("pipes the network into root: {command}")),
                    when(
                        from_network && !step.installer,
                        format!("runs a vendor's installer and does not say so: {command}"),
                    ),
                    when(guess, format!("leaves a value to guess: {command}")),
                    when(command.contains('\n'), format!("more than one line: {command}")),
                    when(command.trim() != command || command.is_empty(), format!("blank around: `{command}`")),
                ]
                .concat()
            })
            .collect()
    });
}

/// A command as a machine fills it: with a program where a fact names one, and with what stands for an unknown fact.
fn filled(command: &str) -> String {
    let programs = [("{python}", "/usr/bin/python3"), ("{uv}", "~/.local/bin/uv"), ("{command}", "code")];
    let mut command = programs.iter().fold(command.to_owned(), |text, (fact, program)| text.replace(fact, program));
    let fact = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let mut from = 0;
    while let Some(open) = command[from..].find('{').map(|at| at + from) {
        let bar = open + 1 + command[open + 1..].find(|c| !fact(c)).unwrap_or(0);
        match command[bar..].find('}').map(|at| at + bar) {
            Some(close) if bar > open + 1 && command[bar..].starts_with('|') => {
                command.replace_range(close..=close, "");
                command.replace_range(open..=bar, "");
            }
            _ => from = open + 1,
        }
    }
    command
}

/// `doctor fix` says of each command what it changes, so `checks/commands.toml` must know how each begins.
#[test]
fn every_command_of_every_fix_is_known() {
    law(|catalog, Subject { check, .. }| {
        let commands = steps(check).flat_map(|step| step.run.iter().chain(&step.fish)).map(|command| filled(command));
        commands
            .flat_map(|command| {
                let unknown = catalog.commands.unknown(&command);
                let told = |part: &str| format!("`{part}` of `{command}` is not in checks/commands.toml");
                unknown.into_iter().map(told).collect::<Vec<_>>()
            })
            .collect()
    });
}

#[test]
fn fixes_ask_only_for_facts_that_can_be_known() {
    // Facts of native probes are whatever they give; those of the other kinds are known here.
    const BUILT_IN: &[&str] = &[
        "version", "program", "real", "kind", "others", "life", "ends", "line", "path", "mode", "value", "found",
        "first", "rc",
    ];
    law(|_, Subject { check, .. }| {
        if matches!(check.probe, Probe::Native(_)) {
            return Vec::new();
        }
        let named = |name: &str| {
            check
                .diagnose
                .iter()
                .flat_map(|d| d.known_by.iter())
                .any(|pattern| pattern.as_str().contains(&format!("<{name}>")))
        };
        let texts = steps(check)
            .flat_map(|step| step.run.iter().chain(&step.fish).chain([&step.act, &step.verify]))
            .chain(check.diagnose.iter().map(|diagnosis| &*diagnosis.say))
            .chain([&check.pass]);
        texts
            .flat_map(|text| template::names(text))
            .filter(|name| !BUILT_IN.contains(name) && !check.facts.contains_key(*name) && !named(name))
            .map(|name| format!("asks for the fact `{name}`, which nothing gives"))
            .collect()
    });
}

#[test]
fn a_check_runs_only_where_what_it_requires_runs() {
    law(|catalog, Subject { check, .. }| {
        let required = check.requires.iter().filter_map(|id| catalog.find(id));
        required
            .flat_map(|other| {
                let lonely =
                    support::MACHINES.iter().filter(|word| runs_on(check, word) && !runs_on(other.check, word));
                lonely.map(move |word| format!("runs on {word}, where `{}` does not", other.id())).collect::<Vec<_>>()
            })
            .collect()
    });
}

#[test]
fn every_native_probe_is_used() {
    let catalog = support::catalog();
    let used: BTreeSet<&str> = catalog
        .subjects()
        .filter_map(|subject| match &subject.check.probe {
            Probe::Native(native) => Some(native.name.as_str()),
            _ => None,
        })
        .collect();
    let unused: Vec<&str> = doctor::native::names().into_iter().filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "no check uses {unused:?}");
}

#[test]
fn pages_are_secure_addresses() {
    law(|_, Subject { tool, check, .. }| {
        let pages = steps(check).map(|step| &step.see).chain(check.diagnose.iter().map(|diagnosis| &*diagnosis.see));
        pages
            .chain([&tool.page])
            .filter(|page| !page.is_empty() && (!page.starts_with("https://") || page.contains(' ')))
            .map(|page| format!("not an https page: {page}"))
            .collect()
    });
    assert!(WORDS.contains(&"any"));
}
/// The ids are the cohort's API: they change only on purpose. `UPDATE=1 cargo test --test laws` rewrites the list.
#[test]
fn ids_are_pinned() {
    let catalog = support::catalog();
    let mut lines: Vec<String> = catalog
        .subjects()
        .flat_map(|subject| {
            let id = subject.id();
            let diagnoses = subject.check.diagnose.iter().map(|diagnosis| format!("{id}/{}", diagnosis.id));
            std::iter::once(id.clone()).chain(diagnoses).collect::<Vec<_>>()
        })
        .collect();
    lines.sort();
    support::snapshot("tests/ids.txt", &(lines.join("\n") + "\n"));
}
