//! What "ready" means: profiles, waivers and requirement files, seen by whoever runs doctor with them.

use crate::doctor::{Doctor, doctor, replayed};

const ALL: &str = "demo-git demo-docker demo-python demo-wsl demo-disk";

const COURSE: &str = r#"name = "web"
version = "2026.2"

[select]
skip = ["demo-docker.daemon"]

[versions]
demo-python = ">=3.12, <3.13"
"demo-git.installed" = ">=99"

[levels]
"demo-git.branch" = "required"
"#;

const WAIVER: &str = r#"name = "web"
[[waive]]
id = "demo-docker.daemon/socket-denied"
reason = "the runner gives the socket to root only"
until = "2026-12-31"
[[waive]]
id = "demo-git.name"
reason = "nobody commits here"
until = "2026-11-21"
[[waive]]
id = "demo-python.uv"
reason = "only on Windows"
until = 2027-01-01
platform = ["windows"]
"#;

fn with(name: &str, text: &str, machine: &str, words: &str) -> Doctor {
    replayed(machine, ALL).args(words.split_whitespace()).with(name, text)
}

fn found<'a>(report: &'a serde_json::Value, id: &str) -> &'a serde_json::Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["id"] == id).unwrap_or(&serde_json::Value::Null)
}

#[test]
fn versions_levels_and_selection_are_the_profiles() {
    let report = with("course.toml", COURSE, "troubled", "--profile course.toml --format json").run().code(1).json();
    assert_eq!(report["profile"]["name"], "web");
    assert_eq!(report["profile"]["digest"].as_str().unwrap().len(), 16);
    assert_eq!(found(&report, "demo-git.branch")["level"], "required");
    let git = found(&report, "demo-git.installed");
    assert_eq!(
        (git["diagnosis"].as_str(), git["asked"]["line"].as_u64()),
        (Some("demo-git.installed/older-than-asked"), Some(9))
    );
    assert_eq!(git["asked"]["file"], "course.toml");
    assert!(git["fix"]["do"].as_str().unwrap().contains("or change line 9 of course.toml"), "{git}");
    assert_eq!(found(&report, "demo-python.python3")["outcome"], "pass");
    // A tool's name asks its first check that reads a version, and no other.
    assert!(found(&report, "demo-python.uv")["asked"].is_null());
}

#[test]
fn what_is_left_out_is_looked_at_where_it_is_named() {
    let run = |words: &str| {
        let run = replayed("troubled", words).with("course.toml", COURSE).args(["--profile", "course.toml"]);
        run.args(["--format", "json"]).run().json()
    };
    assert!(found(&run("demo-docker"), "demo-docker.daemon").is_null());
    assert_eq!(found(&run("demo-docker.daemon"), "demo-docker.daemon")["outcome"], "fail");
}

#[test]
fn a_newer_version_than_asked_for_is_a_state_of_its_own() {
    let text = "name = \"old\"\n[versions]\n\"demo-python.python3\" = \">=3.8, <3.9\"\n";
    let report = with("old.toml", text, "healthy", "--profile old.toml --format json").run().code(1).json();
    let python = found(&report, "demo-python.python3");
    assert_eq!(python["diagnosis"], "demo-python.python3/newer-than-asked");
    assert!(python["found"].as_str().unwrap().contains("newer than what is asked for: >=3.8, <3.9"), "{python}");
    assert!(python["fix"]["run"].is_null(), "no fix brings the newest one: {python}");
}

#[test]
fn what_is_waived_is_shown_and_does_not_count() {
    let shown = with("w.toml", WAIVER, "troubled", "--profile w.toml --format json").run().code(1);
    let report = shown.json();
    let daemon = found(&report, "demo-docker.daemon");
    assert_eq!(daemon["waived"]["until"], "2026-12-31");
    // What it blocks is waived with it; the others count.
    assert_eq!(found(&report, "demo-docker.compose")["waived"]["until"], "2026-12-31");
    assert_eq!(report["summary"]["waived"], 2);
    assert!(found(&report, "demo-git.name")["waived"].is_null());
    let states: Vec<&str> =
        report["profile"]["waivers"].as_array().unwrap().iter().map(|w| w["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["used", "expired", "elsewhere"]);
    for format in ["human", "junit", "tap", "github", "markdown"] {
        let shown = with("w.toml", WAIVER, "troubled", &format!("--profile w.toml --format {format}")).run().code(1);
        let text = shown.stdout.to_lowercase();
        assert!(text.contains("expired"), "{format}:\n{text}");
        assert!(text.contains("waived"), "{format}:\n{text}");
        let of_waived =
            text.split("\nok ").flat_map(|part| part.split("\nnot ok ")).find(|part| part.contains("# todo waived"));
        assert!(format != "tap" || of_waived.unwrap().contains("severity: \"todo\""), "{text}");
    }
    let shown =
        replayed("troubled", "demo-docker -q").with("w.toml", WAIVER).args(["--profile", "w.toml"]).run().code(0);
    assert!(shown.stdout.starts_with("Ready"), "{}", shown.stdout);
}

#[test]
fn a_malformed_waiver_stops_the_run_with_its_place() {
    let whole = "[[waive]]\nid = \"demo-git.name\"\nreason = \"x\"\nuntil = \"2026-12-31\"\n";
    for (from, to, says) in [
        ("2026-12-31", "2026-02-31", "w.toml:5:9: `2026-02-31` is no day"),
        ("2026-12-31", "soon", "w.toml:5:9: `soon` is no day"),
        ("reason = \"x\"\n", "", "w.toml:2:1: missing field `reason`"),
        ("\"x\"", "\" \"", "w.toml:4:10: a waiver needs a reason"),
        (
            "demo-git.name",
            "demo-git.nam",
            "w.toml:3:6: there is no check `demo-git.nam`; did you mean `demo-git.name`?",
        ),
        ("demo-git.name", "demo-git.name/x", "w.toml:3:6: `demo-git.name` has no state `x`"),
        ("until", "untill", "w.toml:5:1: unknown field `untill`"),
        ("[[waive]]", "[[waived]]", "w.toml:2:3: unknown field `waived`"),
        ("\"2026-12-31\"", "20261231", "w.toml:5:9: `20261231` is no day"),
        ("demo-git.name", "demo-git", "w.toml:3:6: `demo-git` is a tool; a waiver is for one of its checks"),
        ("reason", "label = \"ada\"\nreason", "w.toml:4:9: invalid type: string \"ada\", expected a list in `[ ]`"),
    ] {
        let text = format!("name = \"w\"\n{}", whole.replace(from, to));
        with("w.toml", &text, "troubled", "--profile w.toml").run().code(2).says(says);
        doctor("profile lint w.toml").course().with("w.toml", &text).run().code(2).says(says);
    }
}

#[test]
fn other_mistakes_in_a_profile_have_a_place_too() {
    for (text, says) in [
        ("name = \"w\"\n[versions]\ndemo-git = \"new\"\n", "w.toml:3:12: `new` is no version requirement"),
        ("name = \"w\"\n[versions]\n\"demo-git.name\" = \">=1\"\n", "w.toml:3:19: `demo-git.name` reads no version"),
        (
            "name = \"w\"\n[versions]\ndemo-gti = \">=1\"\n",
            "w.toml:3:12: there is no tool or check `demo-gti`; did you mean `demo-git`?",
        ),
        ("name = \"w\"\n[select]\nonly = [\"demo-dockr\"]\n", "w.toml:3:9: there is no tool or check `demo-dockr`"),
        ("name = \"w\"\n[levels]\ndemo-git = \"urgent\"\n", "w.toml:3:12: unknown variant `urgent`"),
        ("name = \"w\"\nbased-on = \"day2\"\n", "w.toml:2:12: there is no built-in profile `day2`"),
        ("name = \"\"\n", "w.toml:1:8: a profile needs a name"),
    ] {
        with("w.toml", text, "healthy", "--profile w.toml").run().code(2).says(says);
    }
    #[cfg(unix)]
    replayed("healthy", "--profile /dev/zero").run().code(2).says("`/dev/zero` cannot be read: file too large");
    replayed("healthy", "--profile day2").run().code(2).says("name a file, or one of day1, ci-image, minimal");
}

#[test]
fn a_profile_of_the_folder_gives_versions_and_levels_only() {
    let text = COURSE.to_owned() + "checks = \"own\"\n" + &WAIVER.replace("name = \"web\"\n", "");
    let text = text.replace("version = \"2026.2\"\n", "version = \"2026.2\"\nchecks = \"own\"\n").replacen(
        "checks = \"own\"\n[[",
        "[[",
        1,
    );
    let report = with("doctor.toml", &text, "troubled", "--format json").run().code(1).json();
    assert_eq!((&report["profile"]["found"], &report["profile"]["file"]), (&true.into(), &"doctor.toml".into()));
    assert_eq!(found(&report, "demo-git.branch")["level"], "required");
    assert_eq!(found(&report, "demo-git.installed")["outcome"], "fail");
    // Neither its selection nor its waivers nor its check files: nobody named it.
    assert_eq!(found(&report, "demo-docker.daemon")["outcome"], "fail");
    assert!(report["profile"]["waivers"].is_null());
    let shown = with("doctor.toml", &text, "troubled", "").run().code(1);
    assert!(shown.stdout.contains("versions and levels of doctor.toml"), "it says which it used:\n{}", shown.stdout);
    let report = with("doctor.toml", &text, "troubled", "--profile day1 --format json").run().code(1).json();
    assert_eq!(report["profile"]["name"], "day1");
    with("doctor.toml", "nonsense", "healthy", "").run().code(2).says("`--profile day1` ignores it");
}

#[test]
fn a_named_profile_brings_its_check_files() {
    let check = "tool = \"Own\"\nstep = 500\n[[check]]\nid = \"note\"\ntitle = \"A note is there\"\nwhy = \"It is.\"\n\
        level = \"required\"\nprobe.env.name = \"DOCTOR_NOTE\"\nexpect.fact.value = 'x'\nfix.any.do = \"Write one\"\n";
    let profile = "name = \"own\"\nchecks = \"more\"\n[select]\nonly = [\"own\"]\n";
    let run = doctor("--profile course/p.toml -q").with("course/p.toml", profile).with("course/more/own.toml", check);
    let shown = { run }.env("DOCTOR_NOTE", "x").run().code(0);
    assert_eq!(shown.stdout, "Ready: 1 check passed\n");
    let shown = doctor("profile lint p.toml").with("p.toml", profile).run().code(2);
    shown.says("more cannot be read");
    let nothing = "name = \"x\"\n[select]\nonly = [\"git\"]\nskip = [\"git\"]\n";
    doctor("profile lint p.toml").with("p.toml", nothing).run().code(2).says("p.toml: this profile selects no check");
}

#[test]
fn profiles_are_shown_and_looked_through() {
    let shown = doctor("profile lint course.toml w.toml")
        .course()
        .with("course.toml", COURSE)
        .with("w.toml", WAIVER)
        .run()
        .code(0);
    assert!(shown.stdout.contains("2 versions") && shown.stdout.contains("3 waivers"), "{}", shown.stdout);
    for name in ["day1", "ci-image", "minimal"] {
        let shown = doctor(&format!("profile show {name}")).run().code(0);
        assert!(shown.stdout.starts_with(&format!("profile {name} 1 (")), "{}", shown.stdout);
        assert!(shown.stdout.contains("git.installed"));
    }
    let ids = doctor("profile show ci-image").run().stdout;
    for gone in ["vscode", "ssh.keys", "shell.login", "docker.daemon"] {
        assert!(!ids.contains(gone), "{gone} in {ids}");
    }
    let listed = doctor("list --profile minimal --format json").run().code(0).json();
    let tools: std::collections::BTreeSet<String> =
        listed["checks"].as_array().unwrap().iter().map(|c| c["tool"].to_string()).collect();
    assert!(tools.contains("\"Docker\"") && !tools.contains("\"Go\""), "{tools:?}");
}

/// `doctor` alone would judge by another profile, and so would `doctor fix`.
#[test]
fn the_next_step_keeps_the_profile() {
    let next = |words: &str| {
        let mut run = doctor(&format!("demo-git demo-docker {words}")).course().with("my.toml", COURSE);
        run.run().code(1).stdout.lines().last().unwrap().to_owned()
    };
    assert_eq!(
        next("--profile my.toml"),
        "Next: fix these 3 things from the top, then run `doctor --profile my.toml` again."
    );
    assert!(next("--profile minimal").ends_with("then run `doctor --profile minimal` again."));
    let project = doctor("demo-git demo-python --project . -v").course().with(".python-version", "3.12\n");
    let shown = { project }.run().code(1).stdout;
    assert!(shown.ends_with("from the top, then run the same command again.\n"), "{shown}");
    assert!(next("").ends_with("by hand or with `doctor fix`, then run `doctor` again."));
}

#[test]
fn every_profile_is_looked_through_and_every_mistake_told() {
    let run = doctor("profile lint bad.toml good.toml none.toml").course();
    let shown = run.with("bad.toml", "name = 1\n").with("good.toml", COURSE).run().code(2);
    assert!(shown.stdout.contains("from good.toml is in order"), "{}", shown.stdout);
    shown.says("bad.toml:1:8: invalid type").says("`none.toml` cannot be read");
}

#[test]
fn a_profile_has_the_levels_of_the_one_it_is_based_on() {
    let text = "name = \"x\"\nbased-on = \"ci-image\"\n[levels]\n\"pyenv.selected\" = \"required\"\n";
    let shown = doctor("profile show x.toml").with("x.toml", text).run().code(0).stdout.replace("\n  ", " ");
    let of = |level: &str| shown.lines().find(|line| line.starts_with(level)).unwrap().to_owned();
    assert!(of("optional").contains("pyenv.command"), "{shown}");
    assert!(of("required").contains("pyenv.selected") && !of("required").contains("pyenv.command"), "{shown}");
}

#[test]
fn a_project_asks_for_versions() {
    let run =
        |file: &str, text: &str| with(&format!("repo/{file}"), text, "healthy", "--project repo --format json").run();
    // The healthy machine has Python 3.12.
    let report = run(".python-version", "3.12\n").code(0).json();
    let python = found(&report, "demo-python.python3");
    assert_eq!((&python["asked"]["file"], &python["asked"]["line"]), (&"repo/.python-version".into(), &1.into()));
    let report = run(".tool-versions", "# us\npython 3.99.1\n").code(1).json();
    let python = found(&report, "demo-python.python3");
    assert_eq!(
        (&python["diagnosis"], &python["asked"]["line"]),
        (&"demo-python.python3/older-than-asked".into(), &2.into())
    );
    let report = run("pyproject.toml", "[project]\nrequires-python = '<3.10'\n").code(1).json();
    assert_eq!(found(&report, "demo-python.python3")["diagnosis"], "demo-python.python3/newer-than-asked");
    // Readers of annotations want paths from where the job stands, however the folder is named.
    let run_in = with("repo/.python-version", "3.99\n", "healthy", "--format gitlab");
    let folder = run_in.home.path().canonicalize().unwrap().join("repo");
    let quality = run_in.args(["--project", folder.to_str().unwrap()]).run().code(1).stdout;
    assert!(quality.contains("\"path\": \"repo/.python-version\""), "{quality}");
    run("README.md", "x").code(2).says("no file in repo says which versions it needs");
    with("x", "", "healthy", "--project nowhere").run().code(2).says("nowhere cannot be read: there is no such file");
}

#[test]
fn files_that_contradict_each_other_are_told_with_both_lines() {
    let run = replayed("healthy", ALL).args(["project.files", "--project", ".", "--format", "json"]);
    let run = run
        .with(".python-version", "3.12\n")
        .with("pyproject.toml", "[project]\nname = 'x'\nrequires-python = '>=3.13'\n");
    let report = { run }.run().code(0).json();
    let files = found(&report, "project.files");
    assert_eq!(files["diagnosis"], "project.files/contradiction");
    assert_eq!(
        files["found"],
        "pyproject.toml:3 asks for python >=3.13, .python-version:1 for 3.12; .python-version is used"
    );
    assert_eq!((&files["asked"]["file"], &files["asked"]["line"]), (&"pyproject.toml".into(), &3.into()));
    let run = replayed("healthy", "project.files --project . --format json")
        .with(".nvmrc", "20")
        .with("package.json", "{\n\"x\": }");
    let report = { run }.run().code(0).json();
    assert_eq!(found(&report, "project.files")["diagnosis"], "project.files/malformed");
    assert!(found(&report, "project.files")["found"].as_str().unwrap().starts_with("package.json:2:"));
}

/// A repository may hold anything under these names.
#[cfg(unix)]
#[test]
fn odd_things_in_a_project_are_no_trouble() {
    let mut run = replayed("healthy", "demo-python --project repo -q").with("repo/.python-version", "3.12\n");
    let fifo = run.home.path().join("repo/package.json");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::fs::create_dir(run.home.path().join("repo/.nvmrc")).unwrap();
    std::fs::write(run.home.path().join("repo/go.mod"), [0xff, 0xfe, 0]).unwrap();
    run.run().code(2).says("go.mod cannot be read: it is not UTF-8 text");
    std::fs::write(run.home.path().join("repo/go.mod"), "x".repeat(2 << 20)).unwrap();
    run.run().code(2).says("go.mod cannot be read");
    std::fs::remove_file(run.home.path().join("repo/go.mod")).unwrap();
    run.run().code(0);
}

/// What comes up while doctor waits: the tool says so by itself after two looks, and only what could change is asked again.
#[cfg(unix)]
#[test]
fn what_may_come_up_is_waited_for() {
    let docker = r#"echo "$*" >> "${0%/*}/../asked"
        case "$*" in
        --version) echo "Docker version 29.0.1, build x";;
        version) if [ "$(grep -c '^version' "${0%/*}/../asked")" -gt 2 ]; then echo "Server: Docker"; else
            echo "Cannot connect to the Docker daemon" >&2; exit 1; fi;;
        "compose version") echo "Docker Compose version v2.40.1";;
        *) exit 1;;
        esac"#;
    let run = |words: &str| {
        doctor("demo-docker --format json").args(words.split_whitespace()).course().tool("docker", docker)
    };
    let report = run("").tool("grep", "exec /bin/grep \"$@\"").run().code(1).json();
    assert_eq!(found(&report, "demo-docker.daemon")["diagnosis"], "demo-docker.daemon/stopped");
    let mut run = run("--wait 60s").tool("grep", "exec /bin/grep \"$@\"");
    let report = run.run().code(0).json();
    assert_eq!(found(&report, "demo-docker.daemon")["outcome"], "pass");
    assert_eq!(found(&report, "demo-docker.compose")["outcome"], "pass", "what it blocked is looked at too");
    let asked = std::fs::read_to_string(run.home.path().join("asked")).unwrap();
    assert_eq!(
        asked.lines().filter(|line| *line == "--version").count(),
        1,
        "what cannot change is asked once: {asked}"
    );
    // What will not come up is not waited for.
    doctor("demo-python --wait 60m -q").course().run().code(1);
}

/// Where a version is asked for, no fix brings another one.
#[test]
fn fixes_bring_the_version_that_is_asked_for() {
    use ::doctor::{
        calendar::Calendar,
        catalog::Catalog,
        diagnose::diagnose,
        model::{Observation, Os, Platform, Requirement, finding::Asked},
        profile::ask,
    };
    let platform = Platform { os: Os::Linux, family: "debian".into(), shell: "bash".into(), ..Platform::default() };
    let fix = |name: &str, range: &str, facts: &[(&str, &str)]| {
        let mut catalog = Catalog::embedded().unwrap();
        let asked = Asked { version: range.into(), file: "package.json".into(), line: 3 };
        ask(&mut catalog, name, &Requirement::npm(range).unwrap(), asked).unwrap();
        let id = if name == "node" { "node.cli" } else { "python.version" };
        let seen = Observation::facts(facts.iter().map(|(name, fact)| (*name, *fact)));
        let finding = diagnose(catalog.find(id).unwrap(), seen, &platform, &Calendar::default());
        (finding.diagnosis.unwrap(), finding.fix.map(|step| (step.run, step.act)).unwrap())
    };
    for (version, range, state) in
        [("22.1.0", ">=23", "older"), ("24.1.0", "^22.3", "newer"), ("21.1.0", "20 || 22", "other")]
    {
        let (diagnosis, (run, _)) = fix("node", range, &[("version", version), ("source", "nvm")]);
        assert_eq!(diagnosis, format!("node.cli/{state}-than-asked"));
        assert!(run[0].starts_with("nvm install 2"), "{run:?}");
        let (_, (run, act)) = fix("node", range, &[("version", version), ("source", "apt")]);
        assert!(run.is_empty() && act.contains("or change line 3 of package.json"), "{run:?} {act}");
    }
    let (_, (run, _)) = fix("python", "3.12", &[("version", "3.13.1"), ("manager", "pyenv")]);
    assert_eq!(run, ["pyenv install -s 3.12", "pyenv global 3.12"]);
}
