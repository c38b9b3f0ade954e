//! Filling a document in: cells of an item's row, rows, the text of a section. No other byte changes, and what was
//! written is read back: it is refused where it reads otherwise than it was given, or changes how anything else reads.

use std::mem::Discriminant;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::{Block, Body, Cell, Content, Form, Odd, Row, Section, Table, Words, normalized};

/// Where the item table is: the section, and which of its blocks.
type Place = (usize, usize);

/// The file with cells of an item's row replaced, each given by the number of its column.
pub fn cells(
    body: &Body,
    form: &Form,
    item: &str,
    given: &[(usize, String)],
) -> Result<String, String> {
    let (place, table) = items(body, form)?;
    let at = row(table, item)?;
    let old = &table.rows[at];
    if old.written != table.header.len() {
        let (is, wanted) = (old.written, table.header.len());
        return Err(format!("the row {item} has {is} cells, expected {wanted}"));
    }
    let (mut text, mut wanted) = (body.source.clone(), table.clone());
    let mut given: Vec<_> = given.iter().collect();
    given.sort_by_key(|(column, _)| std::cmp::Reverse(*column));
    for (column, new) in given {
        let (range, source) = slot(body, table, at, *column, &source(new));
        text.replace_range(range, &source);
        wanted.rows[at].cells[*column].words = words(new);
    }
    judged(body, form, text, place, &wanted)
}

/// The file with a row more at the end of the item table.
pub fn add(body: &Body, form: &Form, given: &[String]) -> Result<String, String> {
    let (place, table) = items(body, form)?;
    let item = given.first().map_or("", String::as_str);
    if table.rows.iter().any(|row| row.name() == item) {
        return Err(format!("the row {item} is there already"));
    }
    let line = format!(
        "| {} |",
        given
            .iter()
            .map(|c| source(c))
            .collect::<Vec<_>>()
            .join(" | ")
    );
    let (mut text, mut wanted) = (body.source.clone(), table.clone());
    let head = table.header.last().map_or(0, |cell| cell.range.end);
    let last = match table.rows.last() {
        Some(row) => line_end(&text, row.range.end),
        // Below the header stands the line that rules it off.
        None => line_end(&text, text.len().min(line_end(&text, head) + 1)),
    };
    let end = if text[..line_end(&text, head)].ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    match text[..last].ends_with('\n') {
        true => text.insert_str(last, &format!("{line}{end}")),
        false => text.insert_str(last, &format!("{end}{line}")),
    }
    wanted.rows.push(Row {
        cells: given
            .iter()
            .map(|c| Cell {
                words: words(c),
                ..Cell::default()
            })
            .collect(),
        ..Row::default()
    });
    judged(body, form, text, place, &wanted)
}

/// The file without an item's row.
pub fn remove(body: &Body, form: &Form, item: &str) -> Result<String, String> {
    let (place, table) = items(body, form)?;
    let at = row(table, item)?;
    let (mut text, mut wanted) = (body.source.clone(), table.clone());
    let range = &table.rows[at].range;
    text.replace_range(
        line_start(&text, range.start)..line_end(&text, range.end),
        "",
    );
    wanted.rows.remove(at);
    judged(body, form, text, place, &wanted)
}

/// The file with another text in a section. Its heading stays, and may be given as well; so do its subsections, unless
/// the text brings their headings.
pub fn section(body: &Body, form: &Form, at: usize, given: &str) -> Result<String, String> {
    let section = &body.sections[at];
    let given = without_heading(section, given);
    if given.is_empty() {
        return Err("the text is empty".to_owned());
    }
    let closed = Body::read(&format!("{given}\n\n## end\n"), 0);
    if closed.sections.last().is_none_or(|s| s.shown() != "end") {
        return Err("the text opens a fence or a comment that it does not close".to_owned());
    }
    let below = below(body, at);
    let brought = Body::read(given, 0);
    let end = match brought.sections.is_empty() {
        true => section.range.end,
        false => {
            let has = |s: &&Section| brought.sections.iter().any(|b| b.title == s.title);
            let missing = body.sections[at + 1..below].iter().find(|s| !has(s));
            if let Some(missing) = missing {
                let shown = missing.shown();
                return Err(format!(
                    "the text leaves out the subsection `{shown}`; bring its heading too, or set it by itself"
                ));
            }
            body.sections[below - 1].range.end
        }
    };
    // What the next heading is indented by is its own.
    let end = match end < body.source.len() {
        true => line_start(&body.source, end),
        false => end,
    };
    let heading = line_end(&body.source, section.heading.range.end);
    let (head, rest) = (&body.source[..heading], &body.source[end..]);
    let gap = if head.ends_with(['\n', '\r']) {
        ""
    } else {
        "\n"
    };
    let tail = if rest.is_empty() { "" } else { "\n" };
    let text = format!("{head}{gap}\n{given}\n{tail}{rest}");
    let after = Body::read(&text, body.start);
    let more = after.sections.len() as isize - body.sections.len() as isize;
    let new_below = below.checked_add_signed(more).filter(|end| *end > at);
    let Some(new_below) = new_below else {
        return Err(ELSEWHERE.to_owned());
    };
    let level = section.heading.level;
    let mut brought = after.sections[at + 1..new_below].iter();
    if let Some(wrong) = brought.find(|s| s.heading.level <= level) {
        let (wrong, own) = (wrong.shown(), section.shown());
        return Err(format!(
            "the text opens a section of its own: `{wrong}` is not below `{own}`"
        ));
    }
    let frame = |body: &Body, below: usize| {
        let mut parts = parts(body);
        parts.drain(at + 2..below + 1);
        parts[at + 1].truncate(1);
        parts
    };
    if frame(body, below) != frame(&after, new_below) {
        return Err(ELSEWHERE.to_owned());
    }
    unseen(body, &after, form)?;
    Ok(text)
}

const ELSEWHERE: &str = "the text would change how another part of the document reads";

/// The item table of a document.
fn items<'b>(body: &'b Body, form: &Form) -> Result<(Place, &'b Table), String> {
    let place = form.openness().rows.and_then(|rows| rows.find(body));
    let found = place.and_then(|(section, block)| {
        let table = body.sections[section].blocks[block].table()?;
        Some(((section, block), table))
    });
    found.ok_or_else(|| match &form.items {
        Some(items) => {
            let titles: Vec<&str> = items.columns.iter().map(|c| c.title.as_str()).collect();
            let titles = titles.join(", ");
            format!("there is no item table, expected one with the columns {titles}")
        }
        None => "a document of this type has no items".to_owned(),
    })
}

/// The one row that has a name.
fn row(table: &Table, item: &str) -> Result<usize, String> {
    let mut named = (0..table.rows.len()).filter(|at| table.rows[*at].name() == item);
    match (named.next(), named.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => Err(format!("there is no row {item}")),
        (Some(_), Some(_)) => Err(format!("there are two rows {item}")),
    }
}

/// A text as a cell's source: a line end is a blank, and a pipe that nothing escapes is escaped.
fn source(given: &str) -> String {
    let given = normalized(given);
    let mut out = String::with_capacity(given.len());
    let mut escapes = false;
    for c in given.chars() {
        if c == '|' && !escapes {
            out.push('\\');
        }
        escapes = c == '\\' && !escapes;
        out.push(c);
    }
    out
}

/// How a text reads where it stands in a line, whatever a line may not begin with.
fn words(given: &str) -> Words {
    const LEAD: &str = "x ";
    let body = Body::read(&format!("{LEAD}{}\n", normalized(given)), 0);
    let words = match body.preamble.first().map(|block| &block.content) {
        Some(Content::Paragraph(words)) => words,
        _ => return Words::default(),
    };
    let cut = |text: &str| text.strip_prefix(LEAD).unwrap_or_default().to_owned();
    Words::new(cut(&words.text), Some(cut(words.marked())))
}

/// Where the new source of a cell goes, and with which blanks behind it: a cell that is as wide as its header stays so.
fn slot(
    body: &Body,
    table: &Table,
    row: usize,
    column: usize,
    new: &str,
) -> (Range<usize>, String) {
    let around = |cell: &Cell| {
        let blank = |c: &char| *c == ' ';
        let lead = body.source[..cell.range.start].chars().rev();
        let trail = body.source[cell.range.end..].chars();
        (
            lead.take_while(blank).count(),
            trail.take_while(blank).count(),
        )
    };
    let wide = |cell: &Cell| {
        let (lead, trail) = around(cell);
        lead + body.source[cell.range.clone()].width() + trail
    };
    let (cell, header) = (&table.rows[row].cells[column], &table.header[column]);
    let (lead, trail) = around(cell);
    let blanks = match wide(cell) == wide(header) {
        true => wide(cell)
            .saturating_sub(lead + new.width())
            .max(trail.min(1)),
        false => trail,
    };
    let range = cell.range.start..cell.range.end + trail;
    (range, format!("{new}{}", " ".repeat(blanks)))
}

/// The text, if it reads as the body did with another table in a place.
fn judged(
    body: &Body,
    form: &Form,
    text: String,
    (section, block): Place,
    wanted: &Table,
) -> Result<String, String> {
    let after = Body::read(&text, body.start);
    let mut expected = parts(body);
    expected[section + 1][block + 1].1 = wanted.marked();
    if parts(&after) == expected {
        unseen(body, &after, form)?;
        return Ok(text);
    }
    let read = after
        .sections
        .get(section)
        .and_then(|s| s.blocks.get(block));
    let read = read.and_then(Block::table);
    let cells = |table: &Table| -> Vec<Words> {
        let cells = table.rows.iter().flat_map(|r| r.cells.iter());
        cells.map(|c| c.words.clone()).collect()
    };
    let read = read.filter(|table| table.rows.len() == wanted.rows.len());
    let pairs = cells(wanted)
        .into_iter()
        .zip(read.map_or(Vec::new(), cells));
    let mut wrong = pairs.filter(|(a, b)| a.marked() != b.marked());
    Err(match wrong.next() {
        Some((given, read)) => format!(
            "in a cell `{}` would read as `{}`; write it in other words",
            given.text, read.text
        ),
        None => ELSEWHERE.to_owned(),
    })
}

/// A piece of a document as it reads; of a heading without the sort.
type Piece = (Option<Discriminant<Content>>, String);

/// How a body reads: what stands before the sections, and each of them with its heading first.
fn parts(body: &Body) -> Vec<Vec<Piece>> {
    let blocks = |blocks: &[Block]| -> Vec<Piece> {
        let piece = |b: &Block| {
            (
                Some(std::mem::discriminant(&b.content)),
                b.marked().into_owned(),
            )
        };
        blocks.iter().map(piece).collect()
    };
    let heading = |level: u8, words: &Words| (None, format!("{level}{}", words.marked()));
    let title = body.title.as_ref();
    let title = title.map_or((None, String::new()), |t| heading(t.level, &t.words));
    let first = [vec![title], blocks(&body.preamble)].concat();
    let sections = body.sections.iter().map(|s| {
        let own = heading(s.heading.level, &s.heading.words);
        [vec![own], blocks(&s.blocks)].concat()
    });
    std::iter::once(first).chain(sections).collect()
}

/// Refuses what a reader would not see, where it was not there before.
fn unseen(before: &Body, after: &Body, form: &Form) -> Result<(), String> {
    let mut known: Vec<&Odd> = before.oddities.iter().map(|o| &o.what).collect();
    for oddity in &after.oddities {
        if let Some(at) = known.iter().position(|k| **k == oddity.what) {
            known.swap_remove(at);
            continue;
        }
        let what = match &oddity.what {
            Odd::Comment(text) if form.is_instruction(text) => continue,
            Odd::Html { table: false } => continue,
            Odd::Comment(_) => "an HTML comment".to_owned(),
            Odd::Html { table: true } => "a table in HTML".to_owned(),
            Odd::Invisible(c) => format!("the invisible character U+{:04X}", u32::from(*c)),
            Odd::Row { cells, columns } => {
                format!("a row of {cells} cells where the header has {columns}")
            }
            Odd::Definition(_) => "a link definition".to_owned(),
            Odd::Deep | Odd::Unread => "nesting that is too deep to be read".to_owned(),
        };
        return Err(format!(
            "the text holds {what}, which its readers would not see as it is"
        ));
    }
    Ok(())
}

/// A section's text without blank lines around it, and without the section's own heading.
fn without_heading<'t>(section: &Section, given: &'t str) -> &'t str {
    let read = Body::read(given, 0);
    let own = |s: &&Section| {
        s.heading.level == section.heading.level
            && s.heading.words.marked() == section.heading.words.marked()
            && read.preamble.is_empty()
            && read.title.is_none()
    };
    let text = match read.sections.first().filter(own) {
        Some(s) => &given[line_end(given, s.heading.range.end)..],
        None => given,
    };
    let text = text.trim_end();
    let blank = text.len() - text.trim_start().len();
    &text[text[..blank].rfind('\n').map_or(0, |at| at + 1)..]
}

/// Where the sections below one end.
pub fn below(body: &Body, at: usize) -> usize {
    let level = body.sections[at].heading.level;
    let more = body.sections[at + 1..].iter();
    at + 1 + more.take_while(|s| s.heading.level > level).count()
}

/// Where the line that a byte is in begins.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// Where the line that ends at a byte or holds it is over, its line end included.
fn line_end(text: &str, at: usize) -> usize {
    if text[..at].ends_with('\n') {
        return at;
    }
    match text[at..].find(['\n', '\r']) {
        Some(end) if text[at + end..].starts_with("\r\n") => at + end + 2,
        Some(end) => at + end + 1,
        None => text.len(),
    }
}

#[cfg(test)]
mod tests;
