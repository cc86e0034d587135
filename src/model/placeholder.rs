//! Names and addresses that tutorials print and learners copy: they say nothing about a person.

/// Parts of a name that only a template holds.
const NAMES: &[&str] = &[
    "your name",
    "your full name",
    "your real name",
    "your github",
    "your user",
    "your username",
    "my name",
    "full name",
    "first last",
    "first_name",
    "firstname",
    "last_name",
    "first name",
    "name here",
    "vorname nachname",
    "dein name",
    "ihr name",
    "tu nombre",
    "votre nom",
    "prénom nom",
    "il tuo nome",
    "seu nome",
];

/// Whole names that only a template holds.
const WHOLE: &[&str] =
    &["yourname", "your_name", "your-name", "name", "username", "user name", "test", "todo", "xxx", "foo", "foo bar"];

/// Domains that never receive mail, and those that templates invent.
const DOMAINS: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    "example.edu",
    "example",
    "yourdomain.com",
    "your-domain.com",
    "yourdomain.example",
    "domain.com",
    "yourcompany.com",
    "youremail.com",
    "email.example",
    "test.com",
    "localhost",
    "invalid",
];

/// What stands before the @ in templates.
const LOCALS: &[&str] = &[
    "you",
    "your_email",
    "your-email",
    "your.email",
    "youremail",
    "your_name",
    "your.name",
    "your-name",
    "yourname",
    "your_github_email",
    "your_email_address",
    "youremailaddress",
    "your",
    "my_email",
    "myemail",
    "deine_email",
    "deine-email",
    "tu_email",
    "tu-email",
    "votre_email",
];

/// Whether a name or an e-mail address is one that tutorials print. A person may be called like the people of
/// tutorials (John Doe), so of names only those count that nobody has; of addresses the domain decides.
pub fn is_placeholder(value: &str) -> bool {
    let text = value.trim().trim_matches(['<', '>', '[', ']', '{', '}', '"', '\'', '`']).trim().to_lowercase();
    if text.is_empty() {
        return false;
    }
    if let Some((local, domain)) = text.rsplit_once('@') {
        // GitHub's addresses for those who keep theirs to themselves, and what stands for them elsewhere.
        if domain.contains("noreply.") {
            return false;
        }
        let invented = domain.starts_with("example.") || domain.ends_with(".example") || domain.contains("yourdomain");
        return invented || DOMAINS.contains(&domain) || LOCALS.contains(&local);
    }
    let bracketed = value.trim().starts_with('<')
        && value.trim().ends_with('>')
        && value.trim() != "<set>"
        && value.trim() != "<email>";
    bracketed
        || WHOLE.contains(&text.as_str())
        || NAMES.iter().any(|name| text.contains(name))
        || ["your_email", "youremail", "your email", "your-email", "email here"].iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn templates_are_known_and_people_are_not() {
        for text in [
            "Your Name",
            "YOUR NAME",
            "<Your Name>",
            "you@example.com",
            "John.Doe@Example.com",
            "your_email@gmail.com",
            "FIRST_NAME LAST_NAME",
            "you@yourdomain.org",
            "<set-me>",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "Ada Lovelace",
            "John Doe",
            "ada@lovelace.dev",
            "12345+ada@users.noreply.github.com",
            "Yu Ming",
            "",
            "<set>",
            "<email>",
            "Youri Name-Doe",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
