//! Whether the cloud CLIs are configured and logged in, judged from their files alone: no network, no secret values.

use super::{Ask, ini};
use crate::{
    calendar::date,
    host::Host,
    model::{
        Observation, Os, Pattern, Seen, Source,
        seen::{FileSeen, PathKind, View},
    },
};

/// The keys of AWS files whose values may be seen; all others only show whether they are set.
const AWS_KEYS: &[&str] =
    &["region", "sso_session", "sso_start_url", "sso_region", "source_profile", "role_arn", "credential_process"];

/// Facts: `profile`, `region` (set), `credentials` (`none`, `keys`, `partial`, `sso`, `process`, `role`, `environment`),
/// `missing` (the key a partial pair lacks), `session` and `sso` (`valid`, `expired`, `never`), `trouble`
/// (`unparsable`, `no-profile`, `bare-section`) with `file` and `line_number`.
pub fn aws(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let config = aws_file(host, "AWS_CONFIG_FILE", "config");
    let credentials = aws_file(host, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let profile = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].iter().find_map(|name| host.env(name));
    let mut seen = Observation::facts([("profile", profile.clone().unwrap_or_else(|| "default".to_owned()))]);
    seen.evidence.files = vec![config.0.clone(), credentials.0.clone()];
    let (config, credentials) = match (parsed(&config), parsed(&credentials)) {
        (Ok(config), Ok(credentials)) => (config, credentials),
        (Err((file, line)), _) | (_, Err((file, line))) => {
            return seen.with("trouble", "unparsable").with("file", file).with("line_number", line.to_string());
        }
    };
    let name = profile.clone().unwrap_or_else(|| "default".to_owned());
    let section = if name == "default" { name.clone() } else { format!("profile {name}") };
    let has = |sections: &ini::Sections, section: &str| sections.iter().any(|(name, _)| name == section);
    if profile.is_some() && !has(&config, &section) && !has(&credentials, &name) {
        let trouble = if has(&config, &name) { "bare-section" } else { "no-profile" };
        return seen.with("trouble", trouble);
    }
    let in_config = |key: &str| ini::value(&config, &section, key);
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| host.env(name).is_some());
    if region || in_config("region").is_some() {
        seen = seen.with("region", "set");
    }
    let key = |key: &str| ini::value(&credentials, &name, key).or_else(|| in_config(key)).is_some();
    let (id, secret) = (key("aws_access_key_id"), key("aws_secret_access_key"));
    if host.env("AWS_ACCESS_KEY_ID").is_some() {
        return seen.with("credentials", "environment");
    }
    match (id, secret) {
        (true, true) => return seen.with("credentials", "keys"),
        (true, false) => return seen.with("credentials", "partial").with("missing", "aws_secret_access_key"),
        (false, true) => return seen.with("credentials", "partial").with("missing", "aws_access_key_id"),
        (false, false) => {}
    }
    let session = in_config("sso_session");
    let start = session
        .and_then(|session| ini::value(&config, &format!("sso-session {session}"), "sso_start_url"))
        .or_else(|| in_config("sso_start_url"));
    if let Some(start) = start {
        let state = sso_state(host, start);
        let named = session.unwrap_or(&name).to_owned();
        return seen.with("credentials", "sso").with("session", named).with("sso", state);
    }
    // `aws login` (v2.32 and later) keeps its session apart from the profile's keys.
    if key("login_session") {
        return seen.with("credentials", "login");
    }
    let kind = [("credential_process", "process"), ("role_arn", "role")];
    let kind = kind.iter().find(|(key, _)| in_config(key).is_some()).map_or("none", |(_, kind)| kind);
    seen.with("credentials", kind)
}

fn aws_file(host: &dyn Host, variable: &str, name: &str) -> (String, FileSeen) {
    let usual = || format!("{}/.aws/{name}", host.home().unwrap_or_default());
    let path = host.env(variable).unwrap_or_else(usual);
    let seen = host.read(&path, View::Keys(AWS_KEYS));
    (path, seen)
}

/// The sections of a file, none where there is no file; else the file and the line that stops its reader.
fn parsed((path, file): &(String, FileSeen)) -> Result<ini::Sections, (String, usize)> {
    match file.text() {
        Some(text) => ini::parse(&text).map_err(|line| (path.clone(), line)),
        None => Ok(Vec::new()),
    }
}

/// The state of the SSO session with this start page, by the expiry that its cached token carries. A token that can
/// be refreshed is good as long as its client's registration is.
fn sso_state(host: &dyn Host, start: &str) -> &'static str {
    let folder = format!("{}/.aws/sso/cache", host.home().unwrap_or_default());
    let now = host.system().now.map(instant).unwrap_or_default();
    let mut state = "never";
    for name in host.list(&folder).names.iter().filter(|name| name.ends_with(".json")) {
        let view = View::Json(&["startUrl", "expiresAt", "registrationExpiresAt", "region"]);
        let text = host.read(&format!("{folder}/{name}"), view).text().unwrap_or_default();
        let Ok(token) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        let field = |name: &str| token.get(name).and_then(serde_json::Value::as_str);
        if field("startUrl").is_none_or(|url| url.trim_end_matches(['/', '#']) != start.trim_end_matches(['/', '#'])) {
            continue;
        }
        let refreshable = field("refreshToken").and(field("registrationExpiresAt"));
        // Both are RFC 3339 in UTC, so comparing text compares times.
        let good = refreshable.or(field("expiresAt")).is_some_and(|ends| ends > now.as_str());
        if good {
            return "valid";
        }
        state = "expired";
    }
    state
}

/// Seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`.
fn instant(seconds: i64) -> String {
    let (day, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    format!("{}T{:02}:{:02}:{:02}Z", date(day), of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// Facts: `account`, `project` (set), `login` (`none`, `credentials`), `adc` (set), `trouble` (`unparsable`,
/// `no-configuration`) with `file` and `line_number`, `configuration`.
pub fn gcloud(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let home = host.home().unwrap_or_default();
    let usual = || match host.platform().os {
        Os::Windows => format!("{}\\gcloud", host.env("APPDATA").unwrap_or_default()),
        _ => format!("{home}/.config/gcloud"),
    };
    let folder = host.env("CLOUDSDK_CONFIG").unwrap_or_else(usual);
    let active = host.env("CLOUDSDK_ACTIVE_CONFIG_NAME").or_else(|| {
        let text = host.read(&format!("{folder}/active_config"), View::Whole).text()?;
        Some(text.trim().to_owned()).filter(|name| !name.is_empty())
    });
    let name = active.clone().unwrap_or_else(|| "default".to_owned());
    let path = format!("{folder}/configurations/config_{name}");
    let file = host.read(&path, View::Keys(&["disable_prompts", "region", "zone"]));
    let mut seen = Observation::facts([("configuration", name.clone()), ("file", path.clone())]);
    seen.evidence.files.push(path.clone());
    if file.kind == PathKind::Missing && active.is_some() && name != "default" {
        return seen.with("trouble", "no-configuration");
    }
    let sections = match parsed(&(path, file)) {
        Ok(sections) => sections,
        Err((file, line)) => {
            return seen.with("trouble", "unparsable").with("file", file).with("line_number", line.to_string());
        }
    };
    let set = |key: &str, variable: &str| host.env(variable).is_some() || ini::value(&sections, "core", key).is_some();
    if set("account", "CLOUDSDK_CORE_ACCOUNT") {
        seen = seen.with("account", "set");
    }
    if set("project", "CLOUDSDK_CORE_PROJECT") || host.env("GOOGLE_CLOUD_PROJECT").is_some() {
        seen = seen.with("project", "set");
    }
    let is_file = |name: &str| host.stat(&format!("{folder}/{name}")).kind == PathKind::File;
    let login = ["credentials.db", "access_tokens.db"].iter().any(|name| is_file(name));
    seen = seen.with("login", if login { "credentials" } else { "none" });
    if is_file("application_default_credentials.json") || host.env("GOOGLE_APPLICATION_CREDENTIALS").is_some() {
        seen = seen.with("adc", "set");
    }
    seen
}

/// Facts: `login` (`none`, `subscription`), `trouble` (`unparsable`) with `file` and `line_number`.
pub fn azure(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let folder = host.env("AZURE_CONFIG_DIR").unwrap_or_else(|| format!("{}/.azure", host.home().unwrap_or_default()));
    let config = format!("{folder}/config");
    let profile = format!("{folder}/azureProfile.json");
    let mut seen = Observation::facts([("file", config.clone())]);
    seen.evidence.files = vec![config.clone(), profile.clone()];
    let config_file = host.read(&config, View::Keys(&["name", "output", "use_dynamic_install"]));
    if let Err((file, line)) = parsed(&(config, config_file)) {
        return seen.with("trouble", "unparsable").with("file", file).with("line_number", line.to_string());
    }
    let file = host.read(&profile, View::Json(&["isDefault", "state"]));
    if file.kind == PathKind::Denied || !file.error.is_empty() {
        seen.seen = Seen::Unreadable(if file.error.is_empty() { "permission denied".to_owned() } else { file.error });
        return seen;
    }
    let subscription = Pattern::new(r#""isDefault"\s*:\s*(true|false)"#).is_match(&file.text().unwrap_or_default());
    seen.evidence.source = Source::File;
    seen.with("login", if subscription { "subscription" } else { "none" })
}
