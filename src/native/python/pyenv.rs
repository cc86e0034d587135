//! pyenv as its files tell it: where it is, which versions it has, which it selects, what stands behind a shim. The
//! rules are those of pyenv's own `pyenv-version-name`, `pyenv-latest` and `pyenv-which` (2.8).

use crate::{
    host::{Host, expand},
    model::seen::{PathKind, View},
    native::shell::Startup,
};

/// A pyenv that is on this machine.
#[derive(Debug, Clone, Default)]
pub(super) struct Pyenv {
    /// Its root folder.
    pub root: String,
    /// The names in its `versions` folder.
    pub installed: Vec<String>,
    /// What selects: a file's path, or `PYENV_VERSION`; empty where nothing does.
    pub origin: String,
    /// The selected names that are installed, prefixes resolved; `system` too.
    pub resolved: Vec<String>,
    /// The selected names that are not installed.
    pub missing: Vec<String>,
}

impl Pyenv {
    /// Looks for pyenv's root and reads what it selects outside any project.
    pub(super) fn find(host: &dyn Host, startup: Option<&Startup>) -> Option<Self> {
        let root = root(host, startup)?;
        let list = host.list(&format!("{root}/versions"));
        let installed: Vec<String> = list.names.iter().map(|name| name.trim_end_matches('/').to_owned()).collect();
        let mut pyenv = Self { root, installed, ..Self::default() };
        let (origin, selected) = pyenv.selection(host);
        pyenv.origin = origin;
        for name in selected {
            match pyenv.resolve_name(&name) {
                Some(known) => pyenv.resolved.push(known),
                None => pyenv.missing.push(name),
            }
        }
        Some(pyenv)
    }

    /// What selects and which names: the variable, `~/.python-version`, the global file.
    fn selection(&self, host: &dyn Host) -> (String, Vec<String>) {
        if let Some(names) = host.env("PYENV_VERSION") {
            return ("PYENV_VERSION".to_owned(), names.split(':').map(str::to_owned).collect());
        }
        let files = [expand("~/.python-version", host.home().as_deref()), format!("{}/version", self.root)];
        for file in files {
            let text = host.read(&file, View::Whole).text().unwrap_or_default();
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            let names: Vec<String> =
                lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
            if !names.is_empty() {
                return (file, names);
            }
        }
        (String::new(), Vec::new())
    }

    /// An installed version's name for what was selected: itself, without `python-`, or the newest it is a prefix of.
    fn resolve_name(&self, name: &str) -> Option<String> {
        let plain = name.strip_prefix("python-").unwrap_or(name);
        let has = |name: &str| name == "system" || self.installed.iter().any(|known| known == name);
        [name, plain].into_iter().find(|name| has(name)).map(str::to_owned).or_else(|| self.newest(plain))
    }

    fn newest(&self, prefix: &str) -> Option<String> {
        let (prefix, threaded) = match prefix.strip_suffix('t') {
            Some(rest) if rest.ends_with(|c: char| c.is_ascii_digit()) => (rest, true),
            _ => (prefix, false),
        };
        let numbers = |name: &str| -> Vec<u64> {
            name.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
        };
        let fits = |name: &&String| {
            let rest = name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['.', '-']));
            let last = name.rsplit(['.', '-']).next().unwrap_or("");
            let early = last.contains(|c: char| c.is_ascii_alphabetic() && c != 't') && !last.is_empty();
            rest && !early && name.ends_with('t') == threaded
        };
        self.installed.iter().filter(fits).max_by_key(|name| numbers(name)).cloned()
    }

    /// The program that a shim of this name starts; nothing where it falls through to the rest of PATH.
    pub(super) fn behind(&self, host: &dyn Host, program: &str) -> Option<(String, String)> {
        let versions = self.resolved.iter().take_while(|name| *name != "system");
        versions
            .map(|name| (format!("{}/versions/{name}/bin/{program}", self.root), name.clone()))
            .find(|(path, _)| host.stat(path).kind == PathKind::File)
    }

    /// The version to recommend selecting: the newest plain one.
    pub(super) fn newest_installed(&self) -> Option<String> {
        self.newest("3")
    }
}

fn root(host: &dyn Host, startup: Option<&Startup>) -> Option<String> {
    let home = host.home();
    let given = host.env("PYENV_ROOT");
    let by_shims = host.path().into_iter().find_map(|folder| {
        let folder = folder.trim_end_matches('/');
        let root = folder.strip_suffix("/shims")?;
        // pyenv-virtualenv puts shims of its own there, below pyenv's root.
        let plugin = root.contains("/plugins/");
        let named = root.rsplit('/').next().is_some_and(|name| name.contains("pyenv"));
        (named && !plugin).then(|| root.to_owned())
    });
    let set = startup.and_then(|startup| startup.variable("PYENV_ROOT")).map(|root| expand(root, home.as_deref()));
    let usual = expand("~/.pyenv", home.as_deref());
    let is_root = |root: &String| {
        ["versions", "shims", "bin/pyenv", "libexec/pyenv"].iter().any(|name| {
            matches!(host.stat(&format!("{root}/{name}")).kind, PathKind::Dir | PathKind::File | PathKind::Dangling)
        })
    };
    [given, by_shims, set, Some(usual)]
        .into_iter()
        .flatten()
        .map(|root| root.trim_end_matches('/').to_owned())
        .find(is_root)
}
