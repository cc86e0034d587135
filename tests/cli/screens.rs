//! Whole screens. Each file of `snapshots/` is what a person sees, and no file lies there unused.

use std::{collections::BTreeSet, fs};

use crate::doctor::{doctor, file, replayed};

const ALL: &str = "demo-git demo-docker demo-python demo-wsl demo-disk";

#[test]
fn a_machine_with_problems() {
    for width in [60, 100, 200] {
        replayed("troubled", ALL).width(width).run().code(1).screen(&format!("troubled-{width}"));
    }
    replayed("troubled", ALL).args(["-v"]).run().code(1).screen("troubled-verbose");
    replayed("troubled", ALL).args(["-q"]).run().code(1).screen("troubled-quiet");
    replayed("troubled", ALL).args(["--color", "always"]).run().code(1).screen("troubled-coloured");
    replayed("troubled", ALL).env("LANG", "C").run().code(1).screen("troubled-ascii");
    replayed("mac", ALL).run().code(1).screen("mac");
    replayed("windows", ALL).run().code(1).screen("windows");
}

#[test]
fn a_machine_in_order() {
    replayed("healthy", ALL).width(60).run().code(0).screen("healthy-60");
    replayed("healthy", ALL).args(["-v", "--deep"]).run().code(0).screen("healthy-verbose");
    replayed("healthy", "demo-wsl").run().code(0).screen("healthy-not-here");
    replayed("warned", ALL).run().code(0).screen("warned");
    replayed("warned", ALL).args(["--strict"]).run().code(1).screen("warned-strict");
    replayed("later", "demo-git").run().code(0).screen("old-knowledge");
    replayed("unknown-system", ALL).run().code(1).screen("unknown-system");
}

#[test]
fn hostile_texts_do_nothing() {
    let shown = replayed("hostile", ALL).args(["-v"]).run().code(1).screen("hostile");
    let bad = |c: char| c != '\n' && c.is_control() || matches!(c, '\u{200b}' | '\u{202e}');
    assert!(!shown.stdout.contains(bad));
}

#[test]
fn json() {
    let shown =
        replayed("troubled", "demo-git.branch demo-docker").args(["--format", "json"]).run().code(1).screen("json");
    assert_eq!(shown.json()["schema"], 1);
    assert_eq!(shown.stderr, "");
}

#[test]
fn the_list_and_the_explanations() {
    doctor("list demo-git demo-docker demo-python demo-wsl demo-disk").course().run().code(0).screen("list");
    doctor("list -v demo-git demo-docker demo-python demo-wsl demo-disk")
        .course()
        .width(60)
        .run()
        .code(0)
        .screen("list-verbose-60");
    let shown = doctor("list --format json demo-docker").course().run().code(0).screen("list-json");
    assert_eq!(shown.json()["checks"][0]["looks-at"]["command"][1], "--version");
    doctor("explain demo-docker").course().run().code(0).screen("explain-tool");
    doctor("explain demo-docker.daemon").course().width(60).run().code(0).screen("explain-60");
    doctor("explain demo-git.branch/not-main demo-docker.cli/absent").course().run().code(0).screen("explain-states");
}

#[test]
fn an_explanation_names_what_is_chosen_by_what_else_is_found() {
    for words in ["explain docker.cli", "explain docker.cli/absent", "explain aws.installed/version-1"] {
        let shown = doctor(words).run().code(0).stdout;
        assert!(shown.contains("Or, depending on what else is found:"), "{words}: {shown}");
    }
    let states = doctor("explain go.cli").run().code(0).stdout;
    assert!(states.contains("Or, depending on what else is found:"), "states without words of their own: {states}");
}

#[test]
fn plans() {
    for machine in ["troubled", "mac", "windows"] {
        replayed(machine, &format!("fix --dry-run {ALL}")).run().code(1).screen(&format!("plan-{machine}"));
    }
    replayed("troubled", "fix --dry-run demo-docker").width(60).run().code(1).screen("plan-60");
    replayed("healthy", &format!("fix --dry-run {ALL}")).run().code(0).screen("plan-healthy");
    let shown = replayed("troubled", "fix --dry-run --format json demo-git").run().code(1).screen("plan-json");
    assert!(shown.json()["steps"][0]["step"]["owner"].is_string());
}

#[test]
fn nothing_is_fixed_where_nobody_can_be_asked() {
    doctor("fix git").run().code(2).screen("fix-without-terminal");
    doctor("fix --format json git").run().code(2).screen("fix-as-json");
    doctor("fix --replay x git").run().code(2).screen("fix-of-a-recording");
}

#[test]
fn help() {
    doctor("--help").run().code(0).screen("help");
    doctor("fix --help").run().code(0).screen("help-fix");
    doctor("list -h").width(60).run().code(0).screen("help-list-60");
    doctor("cohort --help").run().code(0).screen("help-cohort");
}

#[test]
fn mistakes_on_the_command_line() {
    for (name, words) in [
        ("mistake-name", "demo-dockr"),
        ("mistake-command", "lits"),
        ("mistake-option", "--stric"),
        ("mistake-state", "explain demo-docker.daemon/stoped"),
        ("mistake-order", "--strict list"),
        ("mistake-level", "--level important"),
        ("mistake-time", "--timeout soon"),
        ("mistake-format", "--output report.pdf"),
        ("mistake-two-formats", "--format json --output human=-"),
        ("mistake-nothing-left", "demo-git.name --skip demo-git.name"),
    ] {
        let replay = if words.starts_with("explain") { doctor(words).course() } else { replayed("healthy", words) };
        { replay }.run().code(2).screen(name);
    }
}

#[test]
fn no_snapshot_lies_unused() {
    let source: String =
        ["screens.rs", "robust.rs", "formats.rs"].iter().map(|name| fs::read_to_string(file(name)).unwrap()).collect();
    let used = |name: &str| {
        let made = ["60", "100", "200"].iter().find_map(|width| Some(name.strip_suffix(width)?.to_owned() + "{width}"));
        let plan = name.strip_prefix("plan-").is_some_and(|machine| source.contains(&format!("\"{machine}\"")));
        let format = name.strip_prefix("format-").is_some_and(|format| source.contains(&format!("\"{format}\"")));
        source.contains(&format!("\"{name}\""))
            || format
            || plan
            || made.is_some_and(|made| source.contains(&format!("\"{made}\"")))
    };
    let names: BTreeSet<String> = fs::read_dir(file("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".txt").to_owned())
        .collect();
    let unused: Vec<&String> = names.iter().filter(|name| !used(name)).collect();
    assert!(unused.is_empty(), "no test shows these screens: {unused:?}");
}
