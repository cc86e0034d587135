//! Probes of the AWS CLI, Google Cloud CLI and Azure CLI: big Python programs that take up to seconds to say their
//! version. So the version is read from their files, and their interpreter is started once on the package's own
//! first modules (some 60 ms instead of 250 to 830), which shows that the program would start. Where that
//! fails, or `--deep` is asked for, the program itself is run and says why.

use super::{Ask, Native, cloud_login, program};
use crate::{
    host::{Command, Host, expand, file_name, parent},
    model::{
        Evidence, Observation, Os, Pattern, Seen, Source,
        seen::{End, PathKind, View},
    },
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("python-cli", python_cli),
    ("gcloud", gcloud),
    ("aws-login", cloud_login::aws),
    ("gcloud-login", cloud_login::gcloud),
    ("azure-login", cloud_login::azure),
];

/// A program written in Python. `with`: `program`, `package` (its distribution), `import` (what shows that it
/// starts), `ask` (its arguments that print the version), `places` (where it may lie off PATH, separated by blanks).
fn python_cli(ask: Ask<'_>) -> Observation {
    let name = ask.word("program");
    let Some(found) = program::inspect(ask.host, name) else { return elsewhere(&ask, name) };
    let real = behind(ask.host, &found);
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    program::describe(&found, &mut seen);
    seen.facts.insert("real".to_owned(), real.clone());
    if found.broken.is_none() && ask.deep {
        // What the fix needs to know is the same, however the version is asked for.
        seen.facts.extend(interpreter(ask.host, &real).map(|python| ("python".to_owned(), python)));
    } else if found.broken.is_none() && ask.host.platform().os != Os::Windows {
        if let Some((version, file)) = bundled(ask.host, &real) {
            return from_file(seen, version, file);
        }
        if let Some((version, file)) = packaged(&ask, &real, &mut seen) {
            return from_file(seen, version, file);
        }
    }
    run(&ask, seen)
}

/// The installer's own AWS CLI: one frozen program whose folder is named after its version.
fn bundled(host: &dyn Host, real: &str) -> Option<(String, String)> {
    let version = Pattern::new(r"/aws-cli/v2/(\d+\.\d+\.\d+)/").find(real)?.to_owned();
    (host.stat(real).kind == PathKind::File).then(|| (version, real.to_owned()))
}

/// A Python package: the interpreter that its launcher names, and the version its folder beside that is named after.
fn packaged(ask: &Ask<'_>, real: &str, seen: &mut Observation) -> Option<(String, String)> {
    let python = interpreter(ask.host, real)?;
    seen.facts.insert("python".to_owned(), python.clone());
    let (version, folder) = distribution(ask.host, &python, ask.word("package"))?;
    imports(ask, &python, &[&folder], ask.word("import"), seen).then_some((version, folder))
}

/// The interpreter behind a launcher: its `#!` line, or the first Python that a shell launcher names.
fn interpreter(host: &dyn Host, launcher: &str) -> Option<String> {
    let text = host.read(launcher, View::Whole).text()?;
    let head: String = text.lines().take(40).collect::<Vec<_>>().join("\n");
    let python = Pattern::new(r#"(?:^#!\s*|[\s"'])(~?/[^\s"'$]+/python[0-9.]*)(?:[\s"']|$)"#).find(&head)?.to_owned();
    Some(python)
}

/// The version and folder of a distribution that an interpreter sees.
fn distribution(host: &dyn Host, python: &str, package: &str) -> Option<(String, String)> {
    let prefix = parent(parent(python));
    let mut folders = vec![format!("{prefix}/lib/python3/dist-packages"), "/usr/lib/python3/dist-packages".to_owned()];
    if prefix != "/usr" {
        folders.clear();
    }
    for name in host.list(&format!("{prefix}/lib")).names {
        if let Some(version) = name.strip_prefix("python3.") {
            folders.push(format!("{prefix}/lib/python3.{}/site-packages", version.trim_end_matches('/')));
        }
    }
    let wanted = format!("{package}-");
    folders.into_iter().find_map(|folder| {
        let names = host.list(&folder).names;
        let found = names.iter().find_map(|name| {
            let rest = name.trim_end_matches('/').replace('-', "_");
            let rest = rest.strip_prefix(&wanted.replace('-', "_"))?;
            let version = rest.strip_suffix(".dist_info").or_else(|| rest.strip_suffix(".egg_info"))?;
            version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
        })?;
        Some((found, folder))
    })
}

/// Whether an interpreter can import the program's first modules. Only the program's own folders are searched: what
/// other packages do at every start of a Python often takes longer than all the rest.
fn imports(ask: &Ask<'_>, python: &str, folders: &[&str], modules: &str, seen: &mut Observation) -> bool {
    let start = format!("import sys; sys.path[:0] = {folders:?}; import {modules}");
    let command = Command::new([python, "-I", "-S", "-c", &start]).timeout(ask.timeout);
    let ran = ask.host.run(&command);
    seen.evidence.ms += ran.ms;
    if ran.end == End::Exited(0) {
        seen.evidence.argv = command.argv;
        return true;
    }
    false
}

fn from_file(mut seen: Observation, version: String, file: String) -> Observation {
    seen.facts.insert("version".to_owned(), version);
    seen.evidence.files.push(file);
    seen.evidence.source = Source::File;
    seen
}

/// Runs the program itself. Its configuration folder (`with.settings` names the variable for it) is the empty one that
/// commands run in: even for their version these programs write files there, and what is wrong with the learner's own
/// is seen by reading it.
fn run(ask: &Ask<'_>, before: Observation) -> Observation {
    let argv: Vec<String> =
        [ask.word("program")].into_iter().chain(ask.word("ask").split(' ')).map(str::to_owned).collect();
    let settings = Some(ask.word("settings")).filter(|name| !name.is_empty());
    let env: Vec<(String, String)> = settings.map(|name| (name.to_owned(), ".".to_owned())).into_iter().collect();
    let mut seen = program::observe(ask.host, &argv, &env, ask.timeout, false);
    seen.evidence.ms += before.evidence.ms;
    seen.facts.extend(before.facts);
    seen
}

/// Not on PATH: whether it lies in one of its usual places all the same (fact `elsewhere`, and `folder` to put on PATH).
fn elsewhere(ask: &Ask<'_>, name: &str) -> Observation {
    let mut seen = Observation {
        evidence: Evidence { argv: vec![name.to_owned()], source: Source::File, ..Evidence::default() },
        ..Observation::absent()
    };
    let home = ask.host.home();
    for place in ask.word("places").split_whitespace() {
        let path = expand(place, home.as_deref());
        if ask.host.stat(&path).kind == PathKind::File {
            seen =
                seen.with("elsewhere", path.clone()).with("folder", parent(&path)).with("root", parent(parent(&path)));
            seen.evidence.files.push(path);
            break;
        }
    }
    seen
}

/// The launcher behind a pyenv shim, or the program itself.
fn behind(host: &dyn Host, found: &program::Program) -> String {
    let real = found.first.real().to_owned();
    if found.kind != program::Kind::Pyenv {
        return real;
    }
    pyenv_launcher(host, file_name(&found.first.path)).unwrap_or(real)
}

/// What a pyenv shim would run: the program of that name in the first selected version that has it.
fn pyenv_launcher(host: &dyn Host, name: &str) -> Option<String> {
    let root = host.env("PYENV_ROOT").unwrap_or_else(|| format!("{}/.pyenv", host.home().unwrap_or_default()));
    let selected = host.env("PYENV_VERSION").map(|versions| versions.replace(':', "\n"));
    let selected = selected.or_else(|| host.read(&format!("{root}/version"), View::Whole).text())?;
    let programs = selected.split_whitespace().map(|version| format!("{root}/versions/{version}/bin/{name}"));
    programs.into_iter().find(|path| host.stat(path).kind == PathKind::File)
}

/// The Google Cloud CLI: its root has a file with the version and, mostly, a Python of its own.
fn gcloud(ask: Ask<'_>) -> Observation {
    let name = ask.word("program");
    let Some(found) = program::inspect(ask.host, name) else { return elsewhere(&ask, name) };
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    program::describe(&found, &mut seen);
    let root = parent(parent(found.first.real())).to_owned();
    let version = ask.host.read(&format!("{root}/VERSION"), View::Whole).text();
    let updater =
        ask.host.read(&format!("{root}/lib/googlecloudsdk/core/config.json"), View::Json(&["disable_updater"]));
    if updater.text().is_some_and(|text| Pattern::new(r#""disable_updater":\s*true"#).is_match(&text)) {
        seen.facts.insert("updater".to_owned(), "disabled".to_owned());
    }
    // With a Python of the learner's own choice only gcloud itself can say whether it still accepts that one.
    let python = format!("{root}/platform/bundledpythonunix/bin/python3");
    let bundled = ask.host.env("CLOUDSDK_PYTHON").is_none() && ask.host.stat(&python).kind == PathKind::File;
    if let Some(version) = version.filter(|_| found.broken.is_none() && bundled && !ask.deep) {
        let folders = [format!("{root}/lib"), format!("{root}/lib/third_party")];
        if imports(&ask, &python, &folders.each_ref().map(String::as_str), ask.word("import"), &mut seen) {
            return from_file(seen, version.trim().to_owned(), format!("{root}/VERSION"));
        }
    }
    run(&ask, seen)
}
