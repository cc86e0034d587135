//! Secrets by their shape: known prefixes, values after names such as `token=`, key bodies, passwords in addresses.

/// Known beginnings of tokens and how long the whole at least is.
const PREFIXES: &[(&str, usize)] = &[
    ("ghp_", 24),
    ("gho_", 24),
    ("ghu_", 24),
    ("ghs_", 24),
    ("ghr_", 24),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("npm_", 34),
    ("pypi-", 40),
    ("dckr_pat_", 20),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("xoxr-", 16),
    ("xoxs-", 16),
    ("xapp-", 16),
    ("AIza", 35),
    ("ya29.", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("hf_", 30),
    ("dop_v1_", 30),
    ("shpat_", 30),
    ("glsa_", 20),
    ("hvs.", 24),
    ("SG.", 40),
    ("tskey-", 20),
    ("sk-ant-", 16),
    ("sk-proj-", 16),
    ("sk-", 24),
    ("eyJ", 24),
    ("AGE-SECRET-KEY-", 30),
];

/// The names of AWS keys: these four letters and sixteen more, capitals and digits.
const AWS: [&str; 7] = ["AKIA", "ASIA", "AIDA", "AROA", "AGPA", "ANPA", "ABIA"];

/// Endings of names whose values are secret, separators left out.
const NAMES: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "accesskey",
    "secretkey",
    "secretaccesskey",
    "privatekey",
    "accountkey",
    "clientsecret",
    "credentials_json",
    "authorization",
];

/// Values that say nothing.
const HARMLESS: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "null",
    "none",
    "set",
    "unset",
    "required",
    "optional",
    "postgres",
    "password",
    "secret",
    "example",
    "changeme",
    "change-me",
    "doctor",
    "course",
    "test",
    "trust",
    "prompt",
    "ask",
    "token",
    "default",
    "store",
    "basic",
    "bearer",
];

pub(super) fn mask(text: &str) -> String {
    let mut out = text.to_owned();
    if out.contains("PRIVATE KEY") {
        out = key_bodies(&out);
    }
    if out.contains("://") && out.contains('@') {
        out = addresses(&out);
    }
    if out.contains("arn:aws") {
        out = arns(&out);
    }
    if out.contains(['=', ':', ' ']) {
        out = values(&out);
    }
    if out.contains(" -") {
        out = options(&out);
    }
    words(&out)
}

/// Programs whose option `-p` has the password right behind it.
const PASSWORD_OPTION: &[&str] = &["mysql", "mariadb", "sshpass"];

/// Passwords of a command line: `curl -u user:password`, `mysql -ppassword`.
fn options(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let takes_password = PASSWORD_OPTION.iter().any(|program| line.contains(program));
        let mut before = "";
        for piece in line.split_inclusive([' ', '\t']) {
            let word = piece.trim_end();
            let word = word.find(['"', '\'', ')', '`', ';']).filter(|at| *at > 0).map_or(word, |end| &word[..end]);
            // `docker run -u 1000:1000` is a user and a group.
            let secret = |value: &str| !is_harmless(value) && !value.chars().all(|c| c.is_ascii_digit());
            let person = word.split_once(':').filter(|_| matches!(before, "-u" | "--user" | "--proxy-user"));
            let shown = match (person, word.strip_prefix("-p").filter(|_| takes_password)) {
                (Some((user, password)), _) if !user.is_empty() && secret(password) => Some(user.len() + 1),
                (None, Some(password)) if secret(password) => Some(2),
                _ => None,
            };
            match shown {
                Some(length) => {
                    out.push_str(&word[..length]);
                    out.push_str("<token>");
                    out.push_str(&piece[word.len()..]);
                }
                None => out.push_str(piece),
            }
            before = word;
        }
    }
    out
}

/// Whether a variable of this name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '_' | '-' | '.')).collect::<String>().to_lowercase();
    NAMES.iter().any(|ending| plain.ends_with(ending))
        || name.to_lowercase().ends_with("_auth") && !name.contains("SSH")
        || name.ends_with("_KEY")
}

/// Whether a value gives nothing away: a usual word, a reference, a mask, nothing.
pub(super) fn is_harmless(value: &str) -> bool {
    value.is_empty()
        || value.starts_with(['$', '%', '<', '{', '!', '*', '[', '(', '|', '\\'])
        || HARMLESS.contains(&value.to_lowercase().as_str())
        || value.len() < 4 && value.chars().all(|c| c.is_ascii_digit())
}

/// `-----BEGIN … PRIVATE KEY-----` and what follows, up to its end or the text's.
fn key_bodies(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("PRIVATE KEY-----") {
        let (head, tail) = rest.split_at(at + "PRIVATE KEY-----".len());
        out.push_str(head);
        rest = tail;
        let begins = head.rfind("-----").is_some()
            && head.rfind("BEGIN ").is_some_and(|begin| !head[begin..].contains("-----END"));
        if !begins {
            continue;
        }
        let end = rest.find("-----END").unwrap_or(rest.len());
        // What is no key body, such as the rest of a sentence, stays.
        let body = &rest[..end];
        let code =
            |line: &str| line.len() >= 16 && line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
        if body.split(|c: char| c.is_whitespace() || c == '\\').any(code) {
            out.push_str("\n<key>\n");
            rest = &rest[end..];
        }
    }
    out + rest
}

/// `scheme://user:password@host` and `https://token@host`.
fn addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + "://".len());
        out.push_str(head);
        rest = tail;
        let length = rest.find(|c: char| c.is_whitespace() || "/?#\"'`<>\\".contains(c)).unwrap_or(rest.len());
        let Some((person, _)) = rest[..length].rsplit_once('@') else { continue };
        let masked = match person.split_once(':') {
            Some((user, password)) if !is_harmless(password) => format!("{user}:<token>"),
            None if head.ends_with("http://") || head.ends_with("https://") => "<token>".to_owned(),
            _ => continue,
        };
        out.push_str(&masked);
        rest = &rest[person.len()..];
    }
    out + rest
}

/// `arn:aws:iam::123456789012:user/ada`: the account and the person.
fn arns(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("arn:aws") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = rest.find(|c: char| c.is_whitespace() || "\"'`,;)".contains(c)).unwrap_or(rest.len());
        let service = rest[..length].split(':').nth(2).unwrap_or("");
        out.push_str(&format!("arn:aws:{service}:<account>"));
        rest = &rest[length..];
    }
    out + rest
}

/// The values after `name=`, `name: ` and `name "…"` where the name says that they are secret.
fn values(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((start, end)) = next_value(text, from) {
        out.push_str(&text[from..start]);
        out.push_str("<token>");
        from = end;
    }
    out.push_str(&text[from..]);
    out
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.'
}

/// The next secret value from a place on: start and end.
fn next_value(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let sign = text[at..].find(['=', ':', ' '])? + at;
        at = sign + 1;
        let separator = text.as_bytes()[sign];
        let head = text[..sign].trim_end_matches([' ', '"', '\'']);
        let name =
            &head[head.rfind(|c| !is_name(c)).map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8))..];
        if head.len() < from || separator == b' ' && head.len() != sign || !is_secret_word(name) {
            continue;
        }
        let spaced = text[at..].starts_with(' ') || head.len() != sign;
        let start = at + (text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len());
        let quote = super::after(text, start).filter(|c| matches!(c, '"' | '\''));
        let start = start + quote.map_or(0, char::len_utf8);
        let length = match quote {
            Some(quote) => text[start..].find([quote, '\n']).unwrap_or(text.len() - start),
            None => text[start..]
                .find(|c: char| c.is_whitespace() || "&;,\"'`)}]".contains(c))
                .unwrap_or(text.len() - start),
        };
        let value = &text[start..start + length];
        // `Authorization: Bearer xyz`: the secret is the next word.
        let scheme = matches!(value.to_ascii_lowercase().as_str(), "bearer" | "basic" | "token");
        if scheme && quote.is_none() {
            let next = start + length + 1;
            let word = text.get(next..).and_then(|rest| rest.split_whitespace().next()).unwrap_or("");
            if !is_harmless(word) && word.len() >= 8 {
                return Some((next, next + word.len()));
            }
        }
        let digits = value.chars().any(|c| c.is_ascii_digit());
        let letters = value.chars().any(char::is_alphabetic);
        let told = match separator {
            b' ' => value.len() >= 20 && digits && letters && value.chars().all(|c| is_name(c) || "+/=".contains(c)),
            b'=' if !spaced => true,
            _ => quote.is_some() && value.len() >= 4 || value.len() >= 8 && digits && letters,
        };
        if told && !is_harmless(value) {
            return Some((start, start + length));
        }
    }
}

/// Whether the word before a value says that it is secret.
fn is_secret_word(name: &str) -> bool {
    !name.is_empty() && (is_secret_name(name.trim_matches(['-', '.'])) || matches!(name, "Bearer" | "bearer"))
}

/// Words that are tokens by themselves.
fn words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_part) {
        out.push_str(&rest[..at]);
        let word = &rest[at..];
        let length = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (word, tail) = word.split_at(length);
        let joined = out.ends_with('<') && tail.starts_with('>');
        out.push_str(if is_token(word) && !joined { "<token>" } else { word });
        rest = tail;
    }
    out + rest
}

fn is_token(word: &str) -> bool {
    let word = word.trim_end_matches(['.', '-']);
    if word.len() < super::SHORTEST_TOKEN {
        return false;
    }
    if word.len() == 20 && AWS.iter().any(|prefix| word.starts_with(prefix)) {
        return word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    }
    let Some((prefix, least)) = PREFIXES.iter().find(|(prefix, _)| word.starts_with(prefix)) else { return false };
    let body = &word[prefix.len()..];
    // Names of settings and of key types start alike, but hold no digits or many separators.
    let digit = body.chars().any(|c| c.is_ascii_digit());
    let longest = body.split(['_', '-', '.']).map(str::len).max().unwrap_or(0);
    word.len() >= *least && digit && longest >= 8 && !word.starts_with("sk-ssh-") && !word.starts_with("sk-ecdsa-")
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn passwords_of_command_lines_are_masked() {
        for (text, masked) in [
            ("curl -u ada:hunter2 https://x.org", "curl -u ada:<token> https://x.org"),
            ("alias x=\"curl -u ada:hunter2\"\n", "alias x=\"curl -u ada:<token>\"\n"),
            ("mysql -uroot -phunter2 shop", "mysql -uroot -p<token> shop"),
            ("sshpass -phunter2 ssh x", "sshpass -p<token> ssh x"),
            ("docker run -u 1000:1000 -p80:80 x", "docker run -u 1000:1000 -p80:80 x"),
            ("sort -u a -print", "sort -u a -print"),
            ("curl -u $USER:$PASS x", "curl -u $USER:$PASS x"),
        ] {
            assert_eq!(mask(text), masked);
            assert_eq!(mask(masked), masked);
        }
    }
}
