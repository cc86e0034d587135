//! Comments of SSH keys, as `ssh-add -l` and `ssh-keygen -l` print them: they name a person and a machine.

use std::borrow::Cow;

/// `256 SHA256:… ada@laptop (ED25519)` without the comment; all other text as it is.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    if !text.contains("SHA256:") && !text.contains("MD5:") {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_inclusive('\n').map(line).collect())
}

fn line(line: &str) -> Cow<'_, str> {
    let shown = || {
        let body = line.trim_end();
        let (bits, rest) = body.split_once(' ').filter(|(bits, _)| bits.parse::<u32>().is_ok())?;
        let (print, rest) = rest.split_once(' ')?;
        let (_, kind) = rest.rsplit_once('(').filter(|(_, kind)| kind.ends_with(')'))?;
        let known = print.starts_with("SHA256:") || print.starts_with("MD5:");
        known.then(|| format!("{bits} {print} <comment> ({kind}{}", &line[body.len()..]))
    };
    shown().map_or(Cow::Borrowed(line), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn a_key_keeps_its_kind_and_loses_its_comment() {
        let text = "256 SHA256:MPN9i2hB ada of laptop (ED25519)\r\n4096 MD5:aa:bb ada@laptop (RSA)\nSHA256:x ada (y)\n";
        let masked = "256 SHA256:MPN9i2hB <comment> (ED25519)\r\n4096 MD5:aa:bb <comment> (RSA)\nSHA256:x ada (y)\n";
        assert_eq!(mask(text), masked);
        assert_eq!(mask(masked), masked);
    }
}
