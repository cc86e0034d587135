//! What of a file with secrets in it may leave the host: the structure, and the values of the keys that were asked for.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::placeholder::is_placeholder;

/// What stands for a value that is there and not shown.
const SET: &str = "<set>";

/// INI-like text (git, AWS, npm, gcloud): comments are dropped, section headers and names stay, values of other keys
/// than `keys` read `<set>` unless they are empty. Byte-order mark, line ends and UTF-16 stay as they are, because
/// some tools stumble over them.
pub fn ini(bytes: &[u8], keys: &[&str]) -> Vec<u8> {
    by_text(bytes, |line| ini_line(line, keys))
}

/// A text with every line changed; UTF-16 stays UTF-16.
pub(super) fn by_text(bytes: &[u8], change: impl FnMut(&str) -> String) -> Vec<u8> {
    let (text, wide) = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let (pairs, _) = rest.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
            (Cow::Owned(String::from_utf16_lossy(&units)), true)
        }
        _ => (String::from_utf8_lossy(bytes), false),
    };
    let shown: String = text.split_inclusive('\n').map(change).collect();
    if wide {
        let units = std::iter::once(0xfeff).chain(shown.encode_utf16());
        return units.flat_map(u16::to_le_bytes).collect();
    }
    shown.into_bytes()
}

fn ini_line(line: &str, keys: &[&str]) -> String {
    let body = line.trim_end_matches(['\n', '\r']);
    let end = &line[body.len()..];
    let start = body.len() - body.trim_start_matches(['\u{feff}', ' ', '\t']).len();
    let (indent, rest) = body.split_at(start);
    let mark = if indent.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    match rest.chars().next() {
        None => line.to_owned(),
        Some('#' | ';') => format!("{mark}{end}"),
        Some('[') => match rest.find(']') {
            // What follows a header on its line is a setting or a comment; neither is common, so neither is shown.
            Some(close) => format!("{indent}{}{end}", url(&rest[..=close])),
            None => format!("{indent}[{end}"),
        },
        Some(_) => format!("{indent}{}{end}", setting(rest, keys)),
    }
}

/// `name = value`, `name: value` or a lone name.
fn setting(line: &str, keys: &[&str]) -> String {
    let wanted = |name: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(name.trim()));
    // In npm's `//host/:_authToken=…` the colon belongs to the name.
    let cut = if line.starts_with("//") { line.find('=') } else { line.find(['=', ':']) };
    let Some(cut) = cut else {
        return if wanted(line) { line.to_owned() } else { SET.to_owned() };
    };
    let (name, value) = line.split_at(cut + 1);
    let space = &value[..value.len() - value.trim_start().len()];
    let shown = match value.trim() {
        "" => "",
        value if wanted(&name[..cut]) => without_comment(value),
        value if value.starts_with(['#', ';']) => "",
        value => match without_comment(value) {
            // What stands in every tutorial says nothing about a person, and nothing in quotes is as empty as nothing.
            template if template == "\"\"" || is_placeholder(template) => template,
            _ => SET,
        },
    };
    format!("{}{space}{shown}", url(name))
}

fn without_comment(value: &str) -> &str {
    let mut quoted = false;
    let mut space = false;
    for (at, c) in value.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' | ';' if space && !quoted => return value[..at].trim_end(),
            _ => {}
        }
        space = c.is_whitespace();
    }
    value
}

/// Keywords of SSH's configuration whose arguments say how keys are used.
const SSH_KEYWORDS: &[&str] =
    &["addkeystoagent", "identitiesonly", "identityagent", "identityfile", "ignoreunknown", "include", "usekeychain"];

/// SSH's configuration, see [`crate::model::seen::View::SshConfig`].
pub fn ssh_config(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.split_inclusive('\n').map(ssh_line).collect::<String>().into_bytes()
}

fn ssh_line(line: &str) -> String {
    let body = line.trim_end_matches(['\n', '\r']);
    let end = &line[body.len()..];
    let rest = body.trim_start_matches(['\u{feff}', ' ', '\t']);
    let indent = &body[..body.len() - rest.len()];
    let cut = rest.find([' ', '\t', '=', '"']).unwrap_or(rest.len());
    let (keyword, arguments) = rest.split_at(cut);
    let small = keyword.to_ascii_lowercase();
    let value = arguments.trim_matches([' ', '\t', '=']);
    let general = |word: &str| word.to_ascii_lowercase().contains("github") || word.contains('*');
    let shown = if keyword.is_empty() || keyword.starts_with('#') {
        return format!("{indent}{end}");
    } else if SSH_KEYWORDS.contains(&small.as_str()) || small == "hostname" && general(value) {
        arguments.to_owned()
    } else if small == "host" {
        let words = value.split_whitespace().map(|word| if general(word) { word } else { SET });
        format!(" {}", words.collect::<Vec<_>>().join(" "))
    } else if value.is_empty() {
        String::new()
    } else {
        format!(" {SET}")
    };
    format!("{indent}{keyword}{shown}{end}")
}

/// Takes user and password out of an address: `[url "https://token@github.com/"]`.
fn url(text: &str) -> Cow<'_, str> {
    let Some(start) = text.find("://").map(|at| at + 3) else { return Cow::Borrowed(text) };
    let end = text[start..].find(['/', '"', ' ']).map_or(text.len(), |at| start + at);
    match text[start..end].rfind('@') {
        Some(at) => Cow::Owned(format!("{}{SET}{}", &text[..start], &text[start + at..])),
        None => Cow::Borrowed(text),
    }
}

/// JSON: names, numbers, `true`, `false` and `null` stay; strings read `<set>` unless they are empty or belong to one
/// of `keys`. Malformed JSON is not shown at all; the second value says where it goes wrong.
pub fn json(bytes: &[u8], keys: &[&str]) -> (Vec<u8>, Option<String>) {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice::<Value>(text) {
        Ok(value) => (hide(value, keys, false).to_string().into_bytes(), None),
        Err(error) => (b"<not json>".to_vec(), Some(place(&error))),
    }
}

/// `line 1 column 5: expected value`.
fn place(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let words = error.to_string();
    let what = words.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&words);
    format!("line {line} column {column}: {what}")
}

fn hide(value: Value, keys: &[&str], shown: bool) -> Value {
    match value {
        Value::String(text) if !shown && !text.is_empty() => Value::String(SET.to_owned()),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| hide(item, keys, shown)).collect()),
        // A key that was asked for lets out its own text, not everything below it.
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(name, value)| {
                    let shown = keys.contains(&name.as_str());
                    (name, hide(value, keys, shown))
                })
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, keys: &[&str]) -> String {
        String::from_utf8(ini(text.as_bytes(), keys)).unwrap()
    }

    #[test]
    fn ini_lets_out_only_what_was_asked_for() {
        let text = "; secret one\n[profile a]\nregion = eu-west-1  # secret two\n  aws_secret_access_key=secret/three\n\
                    role_arn: secret-four\nempty =\n\n//npm.example/:_authToken=secret-five\nsecret-six\nRegion=us\n";
        let shown = shown(text, &["region"]);
        assert!(!shown.contains("secret-") && !shown.contains("secret/") && !shown.contains("secret "), "{shown}");
        assert_eq!(
            shown,
            "\n[profile a]\nregion = eu-west-1\n  aws_secret_access_key=<set>\nrole_arn: <set>\nempty =\n\n\
             //npm.example/:_authToken=<set>\n<set>\nRegion=us\n"
        );
    }

    #[test]
    fn ini_headers_lose_their_passwords_and_nothing_else() {
        assert_eq!(shown("[url \"https://me:tok@github.com/\"]", &[]), "[url \"https://<set>@github.com/\"]");
        assert_eq!(shown("[includeIf \"gitdir:~/w/\"] name = x", &["name"]), "[includeIf \"gitdir:~/w/\"]");
        assert_eq!(shown("[broken tok", &[]), "[");
    }

    #[test]
    fn ini_keeps_what_tools_stumble_over() {
        assert_eq!(shown("\u{feff}[user]\r\n\tname = Ada\r\n", &["name"]), "\u{feff}[user]\r\n\tname = Ada\r\n");
        assert_eq!(shown("\u{feff}# tok\r\nname = \"a # b\"", &["name"]), "\u{feff}\r\nname = \"a # b\"");
        let utf16: Vec<u8> = "\u{feff}token = x\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let expected: Vec<u8> = "\u{feff}token = <set>\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(ini(&utf16, &[]), expected);
        assert_eq!(shown("a = \u{fffd}", &["a"]), "a = \u{fffd}");
    }

    #[test]
    fn ini_keeps_placeholders_and_emptiness() {
        let text = "[user]\nname = \"Your Name\"\nemail = ada@lovelace.dev ; mine\n[a]\nname = \"\"\nemail = # none\n";
        assert_eq!(shown(text, &[]), "[user]\nname = \"Your Name\"\nemail = <set>\n[a]\nname = \"\"\nemail = \n");
    }

    #[test]
    fn ssh_configuration_lets_out_how_keys_are_used() {
        let text = "# me\nHost secret-server github.com *.x\n  User ada\n\tIdentityFile=~/.ssh/work\nUseKeychain yes\r\nHostName 10.0.0.1\nMatch exec \"x\"\nhostname ssh.github.com\n";
        assert_eq!(
            String::from_utf8(ssh_config(text.as_bytes())).unwrap(),
            "\nHost <set> github.com *.x\n  User <set>\n\tIdentityFile=~/.ssh/work\nUseKeychain yes\r\nHostName <set>\nMatch <set>\nhostname ssh.github.com\n"
        );
    }

    #[test]
    fn json_lets_out_only_what_was_asked_for() {
        let text = r#"{"auths":{"r.example":{"auth":"c2VjcmV0"}},"credsStore":"desktop","n":1,"x":["s",""],
                       "currentContext":{"deep":"s"}}"#;
        let (shown, error) = json(text.as_bytes(), &["credsStore", "currentContext"]);
        let expected = r#"{"auths":{"r.example":{"auth":"<set>"}},"credsStore":"desktop","currentContext":{"deep":"<set>"},"n":1,"x":["<set>",""]}"#;
        assert_eq!((String::from_utf8(shown).unwrap().as_str(), error), (expected, None));
        assert_eq!(json(b"\xef\xbb\xbf{}", &[]).1, None);
    }

    #[test]
    fn malformed_json_is_not_shown_but_placed() {
        let (shown, error) = json(b"{\n \"token\": secret}", &["token"]);
        assert_eq!(shown, b"<not json>");
        assert_eq!(error.as_deref(), Some("line 2 column 11: expected value"));
        assert!(json(b"", &[]).1.is_some());
    }
}
