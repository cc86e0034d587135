//! What `checks/commands.toml` knows of the commands of fixes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use doctor::model::effect::Effect;

#[test]
fn effects_are_those_of_all_parts() {
    let commands = support::catalog().commands;
    let effect = |line: &str| commands.effect(line);
    let install = effect("sudo apt-get update && sudo apt-get install -y git");
    assert!(install.sudo && install.download && !install.here && install.changes.len() == 2, "{install:?}");
    assert!(effect("docker ps -a --filter publish=5432").looks());
    assert!(effect("sudo ss -ltnp 'sport = :5432'").looks());
    assert!(effect("unset DOCKER_HOST").here && effect("newgrp docker").here);
    let sourced = effect(". \"${NVM_DIR:-$HOME/.nvm}/nvm.sh\" && nvm install --lts");
    assert!(!sourced.here && sourced.download, "{sourced:?}");
    let script = effect("curl -LsSf https://astral.sh/uv/install.sh | sh");
    assert_eq!(script.addresses, ["https://astral.sh/uv/install.sh"]);
    assert!(effect("ssh-keygen -t ed25519 -f ~/.ssh/id_ed25519").talks);
    let line = effect("grep -qs 'pyenv init' ~/.bashrc || echo 'eval \"$(pyenv init -)\"' >> ~/.bashrc");
    assert_eq!(line, Effect { changes: vec!["writes to ~/.bashrc".to_owned()], ..Effect::default() });
}

#[test]
fn what_is_broken_is_written_again() {
    let again = |line: &str| support::catalog().commands.again(line);
    for (install, wanted) in [
        (
            "sudo apt-get update && sudo apt-get install -y git",
            "sudo apt-get update && sudo apt-get install -y --reinstall git",
        ),
        ("sudo dnf install -y git", "sudo dnf install -y git && sudo dnf reinstall -y git"),
        ("sudo apk add git", "sudo apk add git && sudo apk fix --reinstall git"),
        ("sudo pacman -S --needed --noconfirm git", "sudo pacman -S --noconfirm git"),
        ("sudo zypper --non-interactive install git", "sudo zypper --non-interactive install --force git"),
        ("brew install --cask docker-desktop", "brew reinstall --cask docker-desktop"),
        ("winget install --id Git.Git -e", "winget install --force --id Git.Git -e"),
        ("npm install -g pnpm", "npm install -g pnpm"),
    ] {
        assert_eq!(again(install), wanted);
    }
}
