//! Findings as a JUnit report: a suite `qms` in which each finding is a test case. Errors fail; warnings pass and
//! say so in their output; a clean check is one case that passes, since viewers take an empty suite for a crash.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::plain;
use super::xml::line as xml;
use crate::model::finding::Finding;

type Out = Writer<Vec<u8>>;

/// The report as XML.
pub fn suite(what: &str, findings: &[Finding]) -> String {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut out, what, findings).expect("memory takes all that is written");
    let mut text = String::from_utf8(out.into_inner()).expect("text was written");
    text.push('\n');
    text
}

fn write(out: &mut Out, what: &str, findings: &[Finding]) -> io::Result<()> {
    let failures = findings.iter().filter(|f| f.is_error()).count().to_string();
    let tests = findings.len().max(1).to_string();
    let counts = [
        ("name", "qms"),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", "0"),
        ("time", "0"),
    ];
    let names = names(findings);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    out.create_element("testsuites")
        .with_attributes(counts)
        .write_inner_content(|out| {
            out.create_element("testsuite")
                .with_attributes(counts)
                .with_attribute(("skipped", "0"))
                .write_inner_content(|out| {
                    out.create_element("properties")
                        .write_inner_content(|out| {
                            out.create_element("property")
                                .with_attributes([("name", "checked"), ("value", &*xml(what))])
                                .write_empty()?;
                            Ok(())
                        })?;
                    for (f, name) in findings.iter().zip(&names) {
                        case(out, f, name)?;
                    }
                    if findings.is_empty() {
                        out.create_element("testcase")
                            .with_attributes([
                                ("classname", "qms"),
                                ("name", &*xml(&format!("clean: {what}"))),
                                ("time", "0"),
                            ])
                            .write_empty()?;
                    }
                    Ok(())
                })?;
            Ok(())
        })?;
    Ok(())
}

fn case(out: &mut Out, f: &Finding, name: &str) -> io::Result<()> {
    let class = format!("qms.{}", f.rule.id);
    let mut element = out.create_element("testcase").with_attributes([
        ("classname", &*class),
        ("name", name),
        ("time", "0"),
    ]);
    if let Some(path) = &f.path {
        element = element.with_attribute(("file", &*xml(&plain::path_text(path))));
    }
    if let Some(span) = &f.span {
        element = element.with_attribute(("line", &*span.line.to_string()));
    }
    let lines: Vec<String> = plain::lines(f).iter().map(|l| xml(l)).collect();
    element.write_inner_content(|out| {
        let text = lines.join("\n");
        let text = BytesText::new(&text);
        if f.is_error() {
            out.create_element("failure")
                .with_attributes([("type", f.rule.id), ("message", &*lines[0])])
                .write_text_content(text)?;
        } else {
            out.create_element("system-out").write_text_content(text)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// What the cases are called: message and place, and a number where two would be called the same.
fn names(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut name = |f: &Finding| {
        let place = match (&f.path, &f.span) {
            (Some(path), Some(span)) => format!(" ({path}:{})", span.line),
            (Some(path), None) => format!(" ({path})"),
            _ => String::new(),
        };
        let name = xml(&format!("{}{place}", f.message));
        let nth = seen.entry(format!("{}{name}", f.rule.id)).or_default();
        *nth += 1;
        if *nth > 1 {
            format!("{name} #{nth}")
        } else {
            name
        }
    };
    findings.iter().map(&mut name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_fail_and_warnings_pass() {
        let findings = plain::tests::samples();
        insta::assert_snapshot!(suite("all", &findings), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="qms" tests="2" failures="1" errors="0" time="0">
          <testsuite name="qms" tests="2" failures="1" errors="0" time="0" skipped="0">
            <properties>
              <property name="checked" value="all"/>
            </properties>
            <testcase classname="qms.out-of-scope" name="`a, b: 100%` �[31mis &lt;out&gt; &amp; &quot;away&quot; [x](1) (src/a b:c,%ä\n\xff.rs:2)" time="0" file="src/a b:c,%ä\n\xff.rs" line="2">
              <failure type="out-of-scope" message="`a, b: 100%` �[31mis &lt;out&gt; &amp; &quot;away&quot; [x](1)">`a, b: 100%` �[31mis &lt;out&gt; &amp; &quot;away&quot; [x](1)
        commit: 3f1c2ab000 &quot;Fix� it&quot; (claude)
        scope: docker/**�
        help: or ask: qms create VAR --title &quot;…&quot;
        help: qms list</failure>
            </testcase>
            <testcase classname="qms.founding" name="nobody could approve" time="0">
              <system-out>nobody could approve</system-out>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
        insta::assert_snapshot!(suite("a \u{0}\u{ffff}<", &[]), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="qms" tests="1" failures="0" errors="0" time="0">
          <testsuite name="qms" tests="1" failures="0" errors="0" time="0" skipped="0">
            <properties>
              <property name="checked" value="a ��&lt;"/>
            </properties>
            <testcase classname="qms" name="clean: a ��&lt;" time="0"/>
          </testsuite>
        </testsuites>
        "#);
        let twice = [findings[0].clone(), findings[0].clone()];
        assert!(suite("all", &twice).contains(" #2\""));
    }
}
