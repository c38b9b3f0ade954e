//! XML as it is written: elements within elements, and nothing but text that XML 1.0 can hold.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::text::printable;

/// A file that grows.
pub(super) struct Xml {
    out: Writer<Vec<u8>>,
}

impl Xml {
    pub(super) fn new() -> Xml {
        let mut xml = Xml {
            out: Writer::new_with_indent(Vec::new(), b' ', 2),
        };
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    pub(super) fn finish(self) -> String {
        let mut text = String::from_utf8(self.out.into_inner()).expect("text was written");
        text.push('\n');
        text
    }

    fn event(&mut self, event: Event<'_>) {
        let written = self.out.write_event(event);
        written.expect("memory takes all that is written");
    }

    /// An element with others in it.
    pub(super) fn within(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inner: impl FnOnce(&mut Xml),
    ) {
        self.event(Event::Start(started(name, attributes)));
        inner(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(started(name, attributes)));
    }

    /// An element that holds a line of text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.event(Event::Start(BytesStart::new(name)));
        self.event(Event::Text(BytesText::new(&line(text))));
        self.event(Event::End(BytesEnd::new(name)));
    }
}

fn started<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((*name, &*line(value)));
    }
    start
}

/// Text that XML 1.0 can hold, on one line.
pub(super) fn line(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
