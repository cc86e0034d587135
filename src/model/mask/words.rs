//! User and host names as whole words.

use super::{after, before};

/// A user's or host's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    text: String,
    /// How it may stand for itself in running text.
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An everyday or very short word: masked only where it can be nothing else.
    Common,
    /// Short: masked where it stands alone, written exactly so.
    Short,
    /// Masked wherever it is a word or part of a hyphenated one.
    Distinct,
}

/// Words that name more than a person or a machine: system users, tools, usual words of output.
const COMMON: &str = " root admin administrator user users guest test tester student learner teacher staff dev devel \
    developer build builder runner vagrant ubuntu debian fedora centos alpine arch kali raspberrypi pi ec2-user vscode \
    codespace codespaces gitpod docker podman git go golang node nodejs npm pnpm python python3 pip pyenv ruby rust \
    cargo java deno bun code cursor vim emacs nano bash zsh fish shell ssh sshd gpg curl make cmake gcc clang brew \
    linuxbrew homebrew apt dnf yum pacman zypper apk snap aws azure gcloud google cloud amazon microsoft windows linux \
    macos mac macbook pc laptop desktop server client local localhost localdomain host hostname home work data app apps \
    web www www-data http https mail email ftp db database postgres postgresql mysql redis nginx daemon bin sbin lib \
    var usr etc opt tmp temp dev sys proc mnt media run boot games man news proxy backup list nobody system service \
    services default main master public private shared common core base example demo sample project projects src \
    source file files folder path name version error warning info debug fatal failed fail pass skip unknown true false \
    none null yes no on off and or not the for with from this that is are was you your can may all any new old \
    install installed installer update upgrade command found missing permission denied token secret password key keys \
    login shadow config settings setup tools tool check doctor max min mark will art sky rose \
    interpreter first last line link gone empty run runs ran exit code signal ended answer answered time loader kernel \
    engine compose machine container image volume network port socket context extension virtual ";

impl Name {
    /// Adds a name unless it is empty, known already or a mask.
    pub(super) fn add(names: &mut Vec<Self>, text: &str, usual: Option<fn(&str) -> bool>) {
        let text = text.trim();
        let known = names.iter().any(|name| name.text == text);
        if text.is_empty() || known || text.contains(['<', '>', '/', '\\', '~', '\n']) {
            return;
        }
        let length = text.chars().count();
        let kind = if length < 3 || is_common(text) || usual.is_some_and(|usual| usual(text)) {
            Kind::Common
        } else if length < 5 {
            Kind::Short
        } else {
            Kind::Distinct
        };
        names.push(Self { text: text.to_owned(), kind });
        // The longest first, so that a host's full name is not torn apart.
        names.sort_by_key(|name| std::cmp::Reverse(name.text.len()));
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn with(&self, change: &dyn Fn(&str) -> String) -> Self {
        Self { text: change(&self.text), kind: self.kind }
    }

    /// Whether the name stands for itself at this place of a text.
    fn stands(&self, text: &str, at: usize, hosts: &[Self]) -> bool {
        let end = at + self.text.len();
        let (left, right) = (before(text, at), after(text, end));
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        // `ada@laptop`, where the laptop is this one, and `uid=1000(ada)`: whatever the name is.
        let at_host = || {
            let rest = text[end..].strip_prefix('@');
            rest.is_some_and(|rest| {
                hosts.iter().any(|host| starts_with(rest, &host.text) || rest.starts_with("<host>"))
            })
        };
        let in_id = || {
            let digits = text[..at].strip_suffix('(').map(|head| head.trim_end_matches(|c: char| c.is_ascii_digit()));
            right == Some(')') && digits.is_some_and(|head| head.ends_with("uid=") || head.ends_with("gid="))
        };
        if joins(left) || joins(right) || left == Some('<') && right == Some('>') || left == Some('$') {
            return false;
        }
        let at_person = || text[..at].ends_with("<user>@") && self.text != "localhost";
        if at_host() || in_id() || at_person() {
            return true;
        }
        let hyphen = |c: Option<char>| c == Some('-');
        let dot_left = || left == Some('.') && before(text, at - 1).is_some_and(char::is_alphanumeric);
        let dot_right = || right == Some('.') && after(text, end + 1).is_some_and(char::is_alphanumeric);
        match self.kind {
            Kind::Common => false,
            Kind::Short => !hyphen(left) && !hyphen(right) && !dot_left() && !dot_right(),
            Kind::Distinct => true,
        }
    }
}

/// Groups by whose names probes judge: a member of `docker` must stay one where the user is called so too.
const GROUPS: &[&str] = &["root", "docker", "sudo", "wheel", "admin", "adm", "staff", "users"];

/// Replaces the names in a text that is nothing but account names, everyday words or not.
pub(super) fn accounts(text: &str, names: &[Name]) -> String {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.split_inclusive(|c| !joins(c))
        .map(|piece| {
            let word = piece.trim_end_matches(|c| !joins(c));
            let own = names.iter().any(|name| name.text == word) && !GROUPS.contains(&word);
            if own { piece.replacen(word, "<user>", 1) } else { piece.to_owned() }
        })
        .collect()
}

pub(super) fn is_common(word: &str) -> bool {
    COMMON.contains(&format!(" {} ", word.to_ascii_lowercase()))
}

/// Whether a text starts with a word, capitals aside.
pub(super) fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Replaces names that stand for themselves. `hosts` tell where `name@host` is one of them.
pub(super) fn mask(text: &str, names: &[Name], with: &str, hosts: &[Name]) -> String {
    let mut out = text.to_owned();
    for name in names {
        // Short names are looked for as they are written: `Max` or `jan` are words too.
        let folded = name.kind == Kind::Distinct;
        let needle = if folded { name.text.to_ascii_lowercase() } else { name.text.clone() };
        let hay = if folded { out.to_ascii_lowercase() } else { out.clone() };
        if !hay.contains(&needle) {
            continue;
        }
        let mut masked = String::with_capacity(out.len());
        let mut from = 0;
        for (at, _) in hay.match_indices(&needle) {
            if at >= from && name.stands(&out, at, hosts) {
                masked.push_str(&out[from..at]);
                masked.push_str(with);
                from = at + needle.len();
            }
        }
        masked.push_str(&out[from..]);
        out = masked;
    }
    out
}
