//! The report line by line, for programs that read streams: first the run without its findings, then each finding. The
//! fields are those of the report's schema.

use std::io::{self, Write};

use serde_json::Value;

use crate::model::Report;

/// Writes `{"report": …}` and then a line `{"finding": …}` for each finding.
///
/// # Errors
/// What writing says.
pub fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut value = serde_json::to_value(report)?;
    let findings = value.as_object_mut().and_then(|fields| fields.remove("findings"));
    line("report", value, out)?;
    let Some(Value::Array(findings)) = findings else { return Ok(()) };
    findings.into_iter().try_for_each(|finding| line("finding", finding, out))
}

fn line(name: &str, value: Value, out: &mut dyn Write) -> io::Result<()> {
    let line: serde_json::Map<String, Value> = [(name.to_owned(), value)].into_iter().collect();
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}
