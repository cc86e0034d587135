//! E-mail addresses; not those of services, and not those that stand for one.

/// Domains that are nobody's: examples, and the names OpenSSH gives its own methods.
const NOBODYS: [&str; 10] = [
    "openssh.com",
    "libssh.org",
    "lysator.liu.se",
    "domain.com",
    "yourdomain.com",
    "company.com",
    "email.com",
    "mail.com",
    "host.com",
    "youremail.com",
];

/// Local parts that stand for a name.
const PLACEHOLDERS: [&str; 18] = [
    "you",
    "your",
    "your_email",
    "your.email",
    "your-email",
    "youremail",
    "yourname",
    "your_name",
    "your.name",
    "your-name",
    "johndoe",
    "john.doe",
    "john_doe",
    "jane.doe",
    "jdoe",
    "username",
    "someone",
    "example",
];

/// Local parts of services.
const SERVICES: [&str; 3] = ["git", "hg", "svn"];

/// Endings of file names that would read as a domain: `icon@2x.png`, `user@1000.service`.
const FILES: [&str; 36] = [
    "png", "jpg", "svg", "gif", "js", "mjs", "cjs", "ts", "css", "json", "md", "txt", "toml", "yml", "yaml", "lock",
    "log", "conf", "service", "socket", "target", "mount", "slice", "scope", "timer", "sock", "so", "dll", "exe",
    "dylib", "tgz", "gz", "zip", "whl", "bak", "tmp",
];

pub(super) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        let start = text[..at]
            .rfind(|c: char| !is_local(c))
            .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
        let start = start + (text[start..at].len() - text[start..at].trim_start_matches(['.', '-', '=']).len());
        let rest = &text[at + 1..];
        let length = rest.find(|c: char| !is_domain(c)).unwrap_or(rest.len());
        let domain = rest[..length].trim_end_matches(['.', '-']);
        if start < from || start == at || !is_address(&text[start..at], domain) {
            continue;
        }
        out.push_str(&text[from..start]);
        out.push_str("<email>");
        from = at + 1 + domain.len();
    }
    out.push_str(&text[from..]);
    out
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "._%+-".contains(c)
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || c == '.' || c == '-'
}

/// Whether `local@domain` is somebody's address.
fn is_address(local: &str, domain: &str) -> bool {
    let (local, domain) = (local.to_lowercase(), domain.to_lowercase());
    let labels: Vec<&str> = domain.split('.').collect();
    let Some(ending) = labels.last().filter(|_| labels.len() >= 2) else { return false };
    let numeric = |label: &str| label.trim_start_matches('v').chars().all(|c| c.is_ascii_digit());
    // A version is no domain, though 163.com and 126.com are.
    let version = numeric(labels[0]) && (labels.len() > 2 || !matches!(*ending, "com" | "net" | "cn"));
    let placeholder = labels.contains(&"example") || matches!(*ending, "example" | "invalid" | "test");
    ending.chars().count() >= 2
        && ending.chars().all(char::is_alphabetic)
        && labels.iter().all(|label| !label.is_empty())
        && !version
        && !placeholder
        && !FILES.contains(ending)
        && !NOBODYS.contains(&domain.as_str())
        && !SERVICES.contains(&local.as_str())
        && !PLACEHOLDERS.contains(&local.as_str())
}
