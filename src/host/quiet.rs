//! The environment that keeps tools from asking, paging, colouring, updating, reporting home and downloading.
//!
//! Everything else stays as the learner has it: PATH, HOME and what their own tools read is what is to be examined.

use std::{env, ffi::OsString};

/// What is set for every command.
const SET: &[(&str, &str)] = &[
    // One language and one encoding. TERM stays: start-up files often stop at once where it says `dumb`.
    ("LC_ALL", "C"),
    ("LANGUAGE", ""),
    ("NO_COLOR", "1"),
    ("CI", "1"),
    ("DEBIAN_FRONTEND", "noninteractive"),
    // Pagers.
    ("PAGER", "cat"),
    ("MANPAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("SYSTEMD_PAGER", "cat"),
    ("AWS_PAGER", ""),
    // Questions.
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("SSH_ASKPASS_REQUIRE", "never"),
    ("SUDO_ASKPASS", ""),
    ("GCM_INTERACTIVE", "never"),
    ("GH_PROMPT_DISABLED", "1"),
    ("DONT_PROMPT_WSL_INSTALL", "1"),
    ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
    ("AWS_CLI_AUTO_PROMPT", "off"),
    ("PIP_NO_INPUT", "1"),
    ("POWERLEVEL9K_DISABLE_CONFIGURATION_WIZARD", "true"),
    // Updates and notices. (DISABLE_UPDATE_PROMPT would make oh-my-zsh update without asking.)
    ("DISABLE_AUTO_UPDATE", "true"),
    ("NO_UPDATE_NOTIFIER", "1"),
    ("npm_config_update_notifier", "false"),
    ("npm_config_fund", "false"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("HOMEBREW_NO_AUTO_UPDATE", "1"),
    ("HOMEBREW_NO_ENV_HINTS", "1"),
    ("GH_NO_UPDATE_NOTIFIER", "1"),
    ("CHECKPOINT_DISABLE", "1"),
    ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "true"),
    ("CLOUDSDK_SURVEY_DISABLE_PROMPTS", "true"),
    ("AZURE_CORE_SURVEY_MESSAGE", "0"),
    ("DOCKER_CLI_HINTS", "false"),
    ("DOCKER_SCAN_SUGGEST", "false"),
    ("WSL_DISABLE_WARNINGS", "1"),
    // Reports home.
    ("DO_NOT_TRACK", "1"),
    ("HOMEBREW_NO_ANALYTICS", "1"),
    ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "true"),
    ("AZURE_CORE_COLLECT_TELEMETRY", "0"),
    // Downloads and other network.
    ("GOTOOLCHAIN", "local"),
    ("COREPACK_ENABLE_NETWORK", "0"),
    ("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0"),
    ("COREPACK_ENABLE_AUTO_PIN", "0"),
    ("npm_config_manage_package_manager_versions", "false"),
    ("pnpm_config_pm_on_fail", "ignore"),
    ("UV_OFFLINE", "1"),
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("UV_NO_PROGRESS", "1"),
    ("MISE_OFFLINE", "1"),
    ("MISE_NOT_FOUND_AUTO_INSTALL", "0"),
    ("MISE_EXEC_AUTO_INSTALL", "0"),
    ("RUSTUP_AUTO_INSTALL", "0"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    // Traces on the disk.
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("CLOUDSDK_CORE_DISABLE_FILE_LOGGING", "true"),
    ("HISTFILE", "/dev/null"),
    ("fish_history", ""),
    ("SHELL_SESSIONS_DISABLE", "1"),
    // Inbox Windows programs write UTF-16 otherwise.
    ("WSL_UTF8", "1"),
];

/// What is taken away: it makes tools colour again, or points git at the repository this program was started from.
const REMOVED: &[&str] = &[
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
];

/// The environment of a command: ours, then its own.
pub fn environment(own: &[(String, String)]) -> Vec<(OsString, Option<OsString>)> {
    let set = SET.iter().map(|(name, value)| ((*name).into(), Some((*value).into())));
    let removed = REMOVED.iter().map(|name| ((*name).into(), None));
    let own = own.iter().map(|(name, value)| (name.into(), Some(value.into())));
    set.chain(removed).chain(wslenv()).chain(own).collect()
}

/// Inside WSL only what WSLENV names reaches a Windows program.
fn wslenv() -> Option<(OsString, Option<OsString>)> {
    let inside = env::var_os("WSL_INTEROP").is_some() || env::var_os("WSL_DISTRO_NAME").is_some();
    inside.then(|| {
        let mut names = env::var_os("WSLENV").unwrap_or_default();
        if !names.is_empty() {
            names.push(":");
        }
        names.push("WSL_UTF8");
        ("WSLENV".into(), Some(names))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_s_own_environment_wins() {
        let environment = environment(&[("PAGER".into(), "less".into())]);
        let last = environment.iter().rfind(|(name, _)| name == "PAGER");
        assert_eq!(last.and_then(|(_, value)| value.clone()), Some("less".into()));
        assert!(environment.iter().any(|(name, value)| name == "GIT_DIR" && value.is_none()));
    }
}
