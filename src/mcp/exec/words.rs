//! A command line as words.

use anyhow::{Result, bail};

const LONGEST: usize = 2_000;
/// Characters that a shell would act on.
const SHELL: &[char] = &[
    ';', '|', '&', '`', '$', '<', '>', '(', ')', '{', '}', '!', '*', '?', '[', ']', '#', '~', '^',
    '\\',
];
/// Of these, what names of commits are made of.
const NAMES: &[char] = &['~', '^'];

/// The words of a line. Quotes keep blanks and characters that a shell would act on; outside of them, and in what is no
/// text, these are refused.
pub(in crate::mcp) fn words(line: &str) -> Result<Vec<String>> {
    if line.len() > LONGEST {
        bail!("the command is longer than {LONGEST} bytes");
    }
    if line
        .chars()
        .any(|c| c.is_control() || crate::model::path::is_invisible(c))
    {
        bail!("the command holds a character that nobody sees");
    }
    let (mut out, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            (' ', None) => out.extend(word.take()),
            (c, None) if SHELL.contains(&c) && !NAMES.contains(&c) => {
                bail!("nothing is run by a shell here: `{c}` outside of quotes means nothing");
            }
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        bail!("a quote is not closed");
    }
    out.extend(word);
    Ok(out)
}
