//! DER as a tree, so that one element of a valid encoding can be spoiled while
//! everything around it stays right.

use der::{Decode, Header, Reader, SliceReader};

use super::cases::is_read;

/// One element.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) tag: u8,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Octets(Vec<u8>),
    /// Elements: the element's own, or those of the encoding that an OCTET STRING wraps.
    Nodes(Vec<Node>),
}

/// How one element of a tree is written.
pub(super) type Writer<'w> = &'w dyn Fn(&Node) -> Vec<u8>;

impl Node {
    /// The tree of exactly one element; the values of extensions and of wrapped responses
    /// are taken apart too.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let mut nodes = read_all(octets)?;
        (nodes.len() == 1).then(|| nodes.remove(0))
    }

    /// How many elements there are, this one among them.
    pub(super) fn count(&self) -> usize {
        1 + self.children().iter().map(Self::count).sum::<usize>()
    }

    /// The element at a place in the order of the encoding.
    pub(super) fn at(&self, place: usize) -> Option<&Self> {
        if place == 0 {
            return Some(self);
        }
        let mut left = place - 1;
        for child in self.children() {
            if let Some(found) = child.at(left) {
                return Some(found);
            }
            left -= child.count();
        }
        None
    }

    /// The encoding with the element at a place written by `writer`.
    pub(super) fn with(&self, place: usize, writer: Writer<'_>) -> Vec<u8> {
        if place == 0 {
            return writer(self);
        }
        let Content::Nodes(nodes) = &self.content else { return self.encoded() };
        let (mut content, mut first) = (Vec::new(), 1);
        for node in nodes {
            let behind = first + node.count();
            let inside = (first..behind).contains(&place);
            content.extend(if inside { node.with(place - first, writer) } else { node.encoded() });
            first = behind;
        }
        element(self.tag, &content)
    }

    pub(super) fn encoded(&self) -> Vec<u8> {
        element(self.tag, &self.octets())
    }

    /// The octets of the content.
    pub(super) fn octets(&self) -> Vec<u8> {
        match &self.content {
            Content::Octets(octets) => octets.clone(),
            Content::Nodes(nodes) => nodes.iter().flat_map(Self::encoded).collect(),
        }
    }

    pub(super) fn children(&self) -> &[Self] {
        match &self.content {
            Content::Octets(_) => &[],
            Content::Nodes(nodes) => nodes,
        }
    }

    /// Whether its children are its own, not those of an encoding that it wraps.
    pub(super) fn is_constructed(&self) -> bool {
        self.tag & 0x20 != 0
    }
}

/// An element with its length in the one form of DER.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => octets.push(short),
        _ => {
            let length = u32::try_from(content.len()).expect("short").to_be_bytes();
            let zeros = length.iter().take_while(|octet| **octet == 0).count();
            octets.push(0x84 - u8::try_from(zeros).expect("at most three"));
            octets.extend(&length[zeros..]);
        }
    }
    octets.extend(content);
    octets
}

fn read_all(octets: &[u8]) -> Option<Vec<Node>> {
    let mut reader = SliceReader::new(octets).ok()?;
    let mut nodes: Vec<Node> = Vec::new();
    while !reader.is_finished() {
        let tag = *octets.get(usize::try_from(reader.position()).ok()?)?;
        let length = Header::decode(&mut reader).ok()?.length();
        let content = reader.read_slice(length).ok()?;
        let identifier = nodes.first().filter(|first| first.tag == 0x06).map(Node::octets);
        let wraps = tag == 0x04 && identifier.is_some_and(|identifier| is_read(&identifier));
        nodes.push(node(tag, content, wraps)?);
    }
    Some(nodes)
}

fn node(tag: u8, content: &[u8], wraps: bool) -> Option<Node> {
    let content = if tag & 0x20 != 0 || wraps {
        Content::Nodes(read_all(content)?)
    } else {
        Content::Octets(content.to_vec())
    };
    Some(Node { tag, content })
}
