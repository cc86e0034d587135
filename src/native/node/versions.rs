//! Version numbers as Node's managers write them down, and what a wish such as `22` or `lts/*` means among those
//! that are installed.

use crate::{
    host::{Host, file_name},
    model::{
        Pattern, Version,
        seen::{PathKind, View},
    },
};

/// The versions that have a folder of their own below `folder`, oldest first, without the leading `v`.
pub fn installed(host: &dyn Host, folder: &str) -> Vec<String> {
    let names = host.list(folder).names;
    let mut versions: Vec<String> = names
        .iter()
        .map(|name| name.trim_end_matches(['/', '\\']).trim_start_matches('v').to_owned())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()) && name.matches('.').count() == 2)
        .collect();
    versions.sort_by_key(|version| version.parse::<Version>().ok());
    versions
}

/// The installed version that a wish means: a number or its beginning, or the newest for words such as `lts`.
pub fn chosen(wish: &str, installed: &[String]) -> Option<String> {
    let wish = wish.trim().trim_start_matches("node@").trim_start_matches('v').trim_start_matches('=');
    if matches!(wish, "latest" | "lts" | "node" | "stable" | "current") || wish.starts_with("lts-latest") {
        return installed.last().cloned();
    }
    let fits = |version: &&String| {
        version.strip_prefix(wish).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    };
    (!wish.is_empty()).then(|| installed.iter().rev().find(fits).cloned()).flatten()
}

/// What nvm's alias means, followed through aliases of aliases: `lts/*` is a file named so that names `lts/krypton`,
/// which is a file that names a version.
pub fn alias(host: &dyn Host, nvm: &str, wish: &str, installed: &[String]) -> Option<String> {
    let mut wish = wish.trim().to_owned();
    for _ in 0..5 {
        if let Some(version) = chosen(&wish, installed) {
            return Some(version);
        }
        let name = wish.clone();
        if name.is_empty() || name.contains("..") {
            return None;
        }
        wish = line(host, &format!("{nvm}/alias/{name}"))?;
    }
    None
}

/// The first line of a small file that says something, without comments.
pub fn line(host: &dyn Host, path: &str) -> Option<String> {
    let text = host.read(path, View::Whole).text()?;
    let line = text.lines().map(|line| line.split('#').next().unwrap_or("").trim()).find(|line| !line.is_empty())?;
    Some(line.to_owned())
}

/// The version of Node that mise's or asdf's own files ask for where no project says anything.
pub fn wished(host: &dyn Host, files: &[String]) -> Option<String> {
    let table =
        Pattern::new(r#"(?m)^\s*["']?(?:core:)?node(?:js)?["']?\s*=\s*[\[{]?\s*(?:version\s*=\s*)?["']([^"']+)["']"#);
    let plain = Pattern::new(r"(?m)^[ \t]*(?:nodejs|node)[ \t]+(\S+)");
    files.iter().find_map(|path| {
        let text = host.read(path, View::Whole).text()?;
        let pattern = if path.ends_with(".toml") { &table } else { &plain };
        pattern.find(&text).map(str::to_owned)
    })
}

/// Whether something stands at a path.
pub fn exists(host: &dyn Host, path: &str) -> bool {
    matches!(host.stat(path).kind, PathKind::File | PathKind::Dir)
}

/// The top-level strings and `engines.node` of a `package.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// The versions of Node that it runs on; empty where it does not say.
    pub engines: String,
}

/// Reads the `package.json` of a folder.
pub fn package(host: &dyn Host, folder: &str) -> Option<Package> {
    let text = host.read(&format!("{folder}/package.json"), View::Json(&["version", "node"])).text()?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    let version = json.get("version")?.as_str()?.to_owned();
    let engines = json.pointer("/engines/node").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    Some(Package { version, engines })
}

/// Whether a version of Node is one of an `engines` range such as `^20.17.0 || >=22.9.0`; nothing where either cannot
/// be read.
pub fn runs_on(engines: &str, node: &str) -> Option<bool> {
    let node: Version = node.parse().ok()?;
    let spaced = Pattern::new(r"(>=|<=|>|<|\^|~|=)\s+");
    let ranges: Option<Vec<bool>> = engines
        .split("||")
        .map(|range| {
            let mut range = range.trim().to_owned();
            while let Some(found) = spaced.captures(&range).and_then(|found| found.get(0)).map(|found| found.range()) {
                let operator = range[found.clone()].trim_end().to_owned();
                range.replace_range(found, &operator);
            }
            let requirement = range.split_whitespace().collect::<Vec<_>>().join(", ");
            requirement.parse::<crate::model::Requirement>().ok().map(|range| range.holds(&node))
        })
        .collect();
    Some(ranges?.into_iter().any(|holds| holds))
}

/// The folder of the package that a launcher such as `…/npm/bin/npm-cli.js` belongs to.
pub fn package_folder<'a>(launcher: &'a str, name: &str) -> Option<&'a str> {
    let mut folder = crate::host::parent(launcher);
    while !folder.is_empty() {
        if file_name(folder) == name {
            return Some(folder);
        }
        folder = crate::host::parent(folder);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_means_the_newest_version_that_fits() {
        let installed: Vec<String> = ["20.19.5", "22.2.0", "22.20.0"].map(str::to_owned).to_vec();
        assert_eq!(chosen("22", &installed).as_deref(), Some("22.20.0"));
        assert_eq!(chosen("v22.2", &installed).as_deref(), Some("22.2.0"));
        assert_eq!(chosen("lts", &installed).as_deref(), Some("22.20.0"));
        assert_eq!(chosen("2", &installed), None);
        assert_eq!(chosen("21", &installed), None);
    }

    #[test]
    fn engines_are_ranges_of_node() {
        assert_eq!(runs_on("^20.17.0 || >=22.9.0", "v18.20.8"), Some(false));
        assert_eq!(runs_on("^20.17.0 || >=22.9.0", "20.19.5"), Some(true));
        assert_eq!(runs_on("^14.17.0 || ^16.13.0 || >=18.0.0", "21.1.0"), Some(true));
        assert_eq!(runs_on(">= 18.12", "18.11.0"), Some(false));
        assert_eq!(runs_on(">=14 <17", "16.1.0"), Some(true));
        assert_eq!(runs_on("", "16.1.0"), None);
    }
}
