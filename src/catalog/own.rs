//! An author's TOML, put down as the JSON that the built-in checks are kept in, so that one reader reads both; and
//! where in the author's file each piece stands, because a mistake is told with its line and column.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::error::{self, CatalogError};

/// Reads an author's file.
///
/// # Errors
/// What is wrong, at which line and column.
pub(super) fn read<T: DeserializeOwned>(stem: &str, text: &str) -> Result<T, CatalogError> {
    let table = DeTable::parse(text).map_err(|error| error::at(stem, text, error.span(), error.message()))?;
    let mut lines = Lines::default();
    lines.table(table.get_ref(), &table.span());
    serde_json::from_str(&lines.json).map_err(|error| {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let span = lines.spans.get(error.line().saturating_sub(1)).cloned();
        error::at(stem, text, span, message.strip_suffix(&place).unwrap_or(&message))
    })
}

/// JSON with every key and value on a line of its own, and the place in the author's file for each line.
#[derive(Default)]
struct Lines {
    json: String,
    spans: Vec<Range<usize>>,
}

impl Lines {
    /// The space at the end keeps the reader, which looks one character ahead, on the line.
    fn line(&mut self, json: &str, span: &Range<usize>) {
        self.json.push_str(json);
        self.json.push_str(" \n");
        self.spans.push(span.clone());
    }

    fn table(&mut self, table: &DeTable<'_>, span: &Range<usize>) {
        self.line("{", span);
        for (index, (key, value)) in table.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            self.line(&format!("{comma}{}:", quoted(key.get_ref())), &key.span());
            self.value(value);
        }
        self.line("}", span);
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        let span = value.span();
        match value.get_ref() {
            DeValue::String(text) => self.line(&quoted(text), &span),
            DeValue::Integer(number) => {
                let whole = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
                self.line(&whole.map_or_else(|_| quoted(number.as_str()), |whole| whole.to_string()), &span);
            }
            DeValue::Float(number) => self.line(&quoted(number.as_str()), &span),
            DeValue::Boolean(value) => self.line(if *value { "true" } else { "false" }, &span),
            DeValue::Datetime(time) => self.line(&quoted(&time.to_string()), &span),
            DeValue::Array(values) => {
                self.line("[", &span);
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.line(",", &value.span());
                    }
                    self.value(value);
                }
                self.line("]", &span);
            }
            DeValue::Table(table) => self.table(table, &span),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use crate::model::Tool;

    const START: &str =
        "tool = \"X\"\nstep = 1\n\n[[check]]\nid = \"a\"\ntitle = \"t\"\nwhy = \"w\"\nlevel = \"required\"\n";

    fn mistake(more: &str) -> String {
        let error = super::read::<Tool>("x", &format!("{START}{more}")).expect_err("a mistake");
        error.to_string()
    }

    #[test]
    fn mistakes_are_told_where_the_author_made_them() {
        assert_eq!(mistake("prob.env.name = \"A\"\n").split(", ").next(), Some("x.toml:9:1: unknown field `prob`"));
        assert_eq!(
            mistake("probe.env.name = 'A'\nexpect.exit = \"0\"\n"),
            "x.toml:10:15: invalid type: string \"0\", expected i32"
        );
        assert_eq!(mistake("probe.env.name = 'A'\non = 'linux'\n").split(':').nth(1), Some("10"));
        assert_eq!(mistake("probe.env.name = 'A'\nrequires = ['git.cli',\n  3]\n").split(':').nth(1), Some("11"));
        assert_eq!(mistake("probe.dance.name = 'A'\n").split(", ").next(), Some("x.toml:9:7: unknown variant `dance`"));
        // What is missing has no place but the table that lacks it.
        assert_eq!(mistake(""), "x.toml:4:1: missing field `probe`");
        assert_eq!(mistake("probe.env.name = 'A'\nprobe.env.name = 'B'\n").split(':').nth(1), Some("10"));
        assert_eq!(mistake("probe.env.name = \n").split(':').nth(1), Some("9"));
    }

    #[test]
    fn values_of_every_kind_are_read() {
        let text = START.replace("step = 1", "step = 0x1_0");
        let tool: Tool =
            super::read("x", &format!("{text}probe.env.name = \"\"\"a\n\"b\" \\\\\"\"\"\nprivate = true\n"))
                .expect("it is right");
        assert_eq!((tool.step, tool.check[0].private), (16, true));
        assert_eq!(format!("{:?}", tool.check[0].probe), format!("Env(EnvProbe {{ name: {:?} }})", "a\n\"b\" \\"));
    }
}
