//! The version managers of Node by the files they leave: which are here, whether the shell loads them, what they have
//! installed and what a new terminal would get. None of them is run: nvm is a shell function, and the shims of mise,
//! Volta and Corepack may download something.

use super::versions::{alias, chosen, exists, installed, line, package, wished};
use crate::{
    host::Host,
    model::{
        Os, Pattern,
        seen::{PathKind, View},
    },
    native::shell::Startup,
};

/// A version manager that is here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manager {
    /// Its name: `nvm`, `fnm`, `volta`, `mise`, `asdf`, `nodenv`, `nvm-windows`.
    pub name: &'static str,
    /// Its folder.
    pub folder: String,
    /// Its own version, where a file says it.
    pub version: String,
    /// The installed versions of Node, oldest first.
    pub versions: Vec<String>,
    /// What its default asks for, as it stands there.
    pub wanted: Option<String>,
    /// The installed version that the default means.
    pub chosen: Option<String>,
    /// Where the start-up files load it: file and line, or `this shell`.
    pub loaded: Option<String>,
    /// Where a file that this shell does not read loads it.
    pub elsewhere: Option<String>,
    /// The variable that says where it is names a folder without it.
    pub misplaced: Option<String>,
}

impl Manager {
    /// Why it gives no node, or `ready` where a new terminal should have one.
    pub fn state(&self) -> &'static str {
        if self.misplaced.is_some() {
            "folder-wrong"
        } else if self.loaded.is_none() {
            "not-loaded"
        } else if self.chosen.is_some() {
            "ready"
        } else if self.wanted.is_some() && !self.versions.is_empty() {
            "default-missing"
        } else if self.wanted.is_some() {
            "not-installed"
        } else if self.versions.is_empty() {
            "empty"
        } else {
            "no-default"
        }
    }

    /// The node that a shim of this manager would start.
    pub fn node(&self, windows: bool) -> Option<String> {
        let version = self.chosen.as_ref()?;
        let below = match self.name {
            "nvm" => format!("versions/node/v{version}/bin/node"),
            "fnm" => format!("node-versions/v{version}/installation/bin/node"),
            "volta" if windows => format!("tools/image/node/{version}/node.exe"),
            "volta" => format!("tools/image/node/{version}/bin/node"),
            "mise" => format!("installs/node/{version}/bin/node"),
            "asdf" => format!("installs/nodejs/{version}/bin/node"),
            "nodenv" => format!("versions/{version}/bin/node"),
            _ => return None,
        };
        Some(format!("{}/{below}", self.folder))
    }
}

/// What every manager is looked at with.
struct Look<'a> {
    host: &'a dyn Host,
    startup: &'a Startup,
    home: String,
}

/// Every manager that is here, in the order in which the course names them.
pub fn survey(host: &dyn Host, startup: &Startup) -> Vec<Manager> {
    let look = Look { host, startup, home: host.home().unwrap_or_default() };
    let known: [fn(&Look<'_>) -> Option<Manager>; 7] = [nvm, nvm_windows, fnm, volta, mise, asdf, nodenv];
    known.iter().filter_map(|manager| manager(&look)).collect()
}

impl Look<'_> {
    /// The first of these folders that exists; those that hang on something unknown are left out.
    fn folder(&self, places: &[Option<String>]) -> Option<String> {
        places.iter().flatten().find(|place| self.host.stat(place).kind == PathKind::Dir).cloned()
    }

    fn env(&self, name: &str, rest: &str) -> Option<String> {
        self.host.env(name).map(|value| format!("{}{rest}", value.trim_end_matches('/')))
    }

    fn home(&self, rest: &str) -> Option<String> {
        Some(format!("{}/{rest}", self.home))
    }

    fn windows(&self) -> bool {
        self.host.platform().os == Os::Windows
    }

    /// Whether a folder is on PATH now.
    fn on_path(&self, folder: &str) -> bool {
        super::on_path(self.host, folder)
    }

    /// Where the start-up files load something, and where files that are not read do.
    fn load(&self, manager: &mut Manager, pattern: &str, now: bool) {
        let pattern = Pattern::new(pattern);
        let at = |place: crate::native::shell::Place| format!("{}:{}", place.file, place.line);
        manager.loaded = self.startup.find(&pattern).map(at);
        if now && manager.loaded.is_none() {
            manager.loaded = Some("this shell".to_owned());
        }
        manager.elsewhere = self.startup.find_unread(&pattern).map(at);
    }
}

fn nvm(look: &Look<'_>) -> Option<Manager> {
    if look.windows() {
        return None;
    }
    let named = look.env("NVM_DIR", "");
    let has = |folder: &String| exists(look.host, &format!("{folder}/nvm.sh"));
    // Homebrew and Arch keep the script apart from the folder that NVM_DIR names.
    let apart = ["/opt/homebrew/opt/nvm", "/usr/local/opt/nvm", "/home/linuxbrew/.linuxbrew/opt/nvm", "/usr/share/nvm"]
        .map(str::to_owned);
    let places = [
        look.home(".nvm"),
        look.env("XDG_CONFIG_HOME", "/nvm"),
        look.home(".config/nvm"),
        Some("/usr/local/share/nvm".to_owned()),
        Some("/usr/local/nvm".to_owned()),
    ];
    let found = named.iter().chain(places.iter().flatten()).find(|folder| has(folder)).cloned();
    let script = found.clone().or_else(|| apart.into_iter().find(has))?;
    let folder = match (&found, &named) {
        (Some(folder), _) => folder.clone(),
        (None, Some(named)) => named.clone(),
        (None, None) => look.home(".nvm")?,
    };
    let mut manager = Manager { name: "nvm", ..Manager::default() };
    manager.misplaced = named.filter(|named| *named != folder);
    manager.version = package(look.host, &script).map(|package| package.version).unwrap_or_default();
    manager.versions = installed(look.host, &format!("{folder}/versions/node"));
    manager.wanted = line(look.host, &format!("{folder}/alias/default"));
    manager.chosen = manager.wanted.as_ref().and_then(|wish| alias(look.host, &folder, wish, &manager.versions));
    let now = look.host.env("NVM_BIN").is_some() || look.host.path().iter().any(|dir| dir.contains("/versions/node/v"));
    look.load(&mut manager, r"nvm\.sh|init-nvm|zsh-nvm|\bplugins=\(.*\bnvm\b|fast-nvm|NVM_LAZY", now);
    manager.folder = folder;
    Some(manager)
}

fn nvm_windows(look: &Look<'_>) -> Option<Manager> {
    if !look.windows() {
        return None;
    }
    let folder =
        look.folder(&[look.env("NVM_HOME", ""), look.env("APPDATA", "/nvm"), look.env("LOCALAPPDATA", "/nvm")])?;
    let versions = installed(look.host, &folder);
    let loaded = look.host.env("NVM_HOME").map(|_| "NVM_HOME".to_owned());
    Some(Manager { name: "nvm-windows", folder, versions, loaded, ..Manager::default() })
}

fn fnm(look: &Look<'_>) -> Option<Manager> {
    let program = !look.host.which("fnm").is_empty();
    let places = [
        look.env("FNM_DIR", ""),
        look.env("XDG_DATA_HOME", "/fnm"),
        look.home(".local/share/fnm"),
        look.home("Library/Application Support/fnm"),
        look.env("APPDATA", "/fnm").filter(|_| look.windows()),
        look.home(".fnm"),
    ];
    let folder = look.folder(&places).or_else(|| look.home(".local/share/fnm").filter(|_| program))?;
    let mut manager = Manager { name: "fnm", ..Manager::default() };
    manager.versions = installed(look.host, &format!("{folder}/node-versions"));
    // The default is a link to the folder of a version.
    let default = look.host.stat(&format!("{folder}/aliases/default"));
    if matches!(default.kind, PathKind::Dir | PathKind::File | PathKind::Dangling) {
        let real = default.real.replace('\\', "/");
        let version = real.rsplit("/node-versions/").next().and_then(|rest| rest.split('/').next()).unwrap_or("");
        manager.wanted = Some(if version.is_empty() { "default".to_owned() } else { version.to_owned() });
        manager.chosen = match default.kind {
            PathKind::Dangling => None,
            _ if real.is_empty() => manager.versions.last().cloned(),
            _ => chosen(version, &manager.versions),
        };
    }
    let now = look.host.env("FNM_MULTISHELL_PATH").is_some()
        || look.host.path().iter().any(|dir| dir.contains("fnm_multishells"));
    look.load(&mut manager, r"\bfnm env\b|\bfnm\.fish|\bplugins=\(.*\bfnm\b", now);
    manager.folder = folder;
    Some(manager)
}

fn volta(look: &Look<'_>) -> Option<Manager> {
    let places = [
        look.env("VOLTA_HOME", ""),
        look.home(".volta"),
        look.env("LOCALAPPDATA", "/Volta").filter(|_| look.windows()),
    ];
    let folder = look.folder(&places)?;
    let mut manager = Manager { name: "volta", ..Manager::default() };
    manager.versions = installed(look.host, &format!("{folder}/tools/image/node"));
    let platform = look.host.read(&format!("{folder}/tools/user/platform.json"), View::Json(&["runtime"])).text();
    let json = platform.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let runtime = json.as_ref().and_then(|json| json.pointer("/node/runtime")?.as_str());
    manager.wanted = runtime.map(str::to_owned);
    manager.chosen = runtime.and_then(|wish| chosen(wish, &manager.versions));
    let now = look.on_path(&format!("{folder}/bin"));
    look.load(&mut manager, r"VOLTA_HOME|\.volta/bin", now);
    manager.folder = folder;
    Some(manager)
}

fn mise(look: &Look<'_>) -> Option<Manager> {
    let places = [look.env("MISE_DATA_DIR", ""), look.env("XDG_DATA_HOME", "/mise"), look.home(".local/share/mise")];
    let program = !look.host.which("mise").is_empty() || exists(look.host, &look.home(".local/bin/mise")?);
    let folder = look.folder(&places).or_else(|| look.home(".local/share/mise").filter(|_| program))?;
    let config = look.env("MISE_CONFIG_DIR", "").or_else(|| look.env("XDG_CONFIG_HOME", "/mise"));
    let config = config.or_else(|| look.home(".config/mise"))?;
    let mut files: Vec<String> = look.env("MISE_GLOBAL_CONFIG_FILE", "").into_iter().collect();
    files.extend(["config.local.toml", "config.toml"].map(|name| format!("{config}/{name}")));
    let parts = look.host.list(&format!("{config}/conf.d")).names;
    files.extend(parts.iter().filter(|name| name.ends_with(".toml")).map(|name| format!("{config}/conf.d/{name}")));
    files.extend(
        ["mise.toml", ".mise.toml", ".config/mise.toml", ".tool-versions"].into_iter().filter_map(|f| look.home(f)),
    );
    files.push("/etc/mise/config.toml".to_owned());
    let mut manager = Manager { name: "mise", ..Manager::default() };
    manager.versions = installed(look.host, &format!("{folder}/installs/node"));
    manager.wanted = look.host.env("MISE_NODE_VERSION").or_else(|| wished(look.host, &files));
    if manager.wanted.is_none() && manager.versions.is_empty() && !exists(look.host, &format!("{folder}/shims/node")) {
        // mise is here for other tools; it has nothing to do with Node.
        return None;
    }
    manager.chosen = manager.wanted.as_ref().and_then(|wish| chosen(wish, &manager.versions));
    let now = look.on_path(&format!("{folder}/shims")) || look.host.env("MISE_SHELL").is_some();
    look.load(&mut manager, r"\bmise activate\b|mise/shims", now);
    manager.folder = folder;
    Some(manager)
}

fn asdf(look: &Look<'_>) -> Option<Manager> {
    let folder = look.folder(&[look.env("ASDF_DATA_DIR", ""), look.home(".asdf")])?;
    let mut manager = Manager { name: "asdf", ..Manager::default() };
    manager.versions = installed(look.host, &format!("{folder}/installs/nodejs"));
    let file = look.host.env("ASDF_DEFAULT_TOOL_VERSIONS_FILENAME").unwrap_or_else(|| ".tool-versions".to_owned());
    let file = if file.starts_with('/') { file } else { look.home(&file)? };
    manager.wanted = look.host.env("ASDF_NODEJS_VERSION").or_else(|| wished(look.host, &[file]));
    if manager.wanted.is_none() && manager.versions.is_empty() && !exists(look.host, &format!("{folder}/shims/node")) {
        return None;
    }
    manager.chosen = manager.wanted.as_ref().and_then(|wish| chosen(wish, &manager.versions));
    let now = look.on_path(&format!("{folder}/shims"));
    look.load(&mut manager, r"asdf\.(sh|fish)|\.asdf/shims|ASDF_DATA_DIR.*shims|\bplugins=\(.*\basdf\b", now);
    manager.folder = folder;
    Some(manager)
}

fn nodenv(look: &Look<'_>) -> Option<Manager> {
    let folder = look.folder(&[look.env("NODENV_ROOT", ""), look.home(".nodenv")])?;
    let mut manager = Manager { name: "nodenv", ..Manager::default() };
    manager.versions = installed(look.host, &format!("{folder}/versions"));
    manager.wanted = look.host.env("NODENV_VERSION").or_else(|| line(look.host, &format!("{folder}/version")));
    manager.chosen = manager.wanted.as_ref().and_then(|wish| chosen(wish, &manager.versions));
    let now = look.on_path(&format!("{folder}/shims"));
    look.load(&mut manager, r"\bnodenv init\b|\.nodenv/shims", now);
    manager.folder = folder;
    Some(manager)
}
