//! Header blocks: lines put together to fields.

use super::field;

/// A header block being read.  A field may go on over several lines, the later ones beginning with white space (RFC
/// 5322 section 2.2.3; RFC 9112 section 5.2 calls it obsolete), so a field is known when the next line does not.
#[derive(Debug, Default)]
pub struct HeaderBlock {
    /// A field that may go on
    pending: Vec<u8>,
    bytes: u64,
    exceeded: bool,
}

/// What a line did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It belongs to the header.
    Line,
    /// It belongs to the header, which has just become larger than allowed; this and what follows is passed over.
    Exceeded,
    /// It was the empty line behind the header.
    End,
}

impl HeaderBlock {
    /// Begins a new block.
    pub fn clear(&mut self) {
        self.pending.clear();
        self.bytes = 0;
        self.exceeded = false;
    }

    /// Whether nothing came yet.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Takes a line.  `next` is the byte behind it, if that is there already: it tells whether the field goes on, so most
    /// fields need not be kept.  Every complete field line goes to `field`, unfolded.
    pub fn line(&mut self, line: &[u8], next: Option<u8>, limit: u64, field: &mut dyn FnMut(&[u8])) -> Taken {
        if line.is_empty() {
            self.flush(field);
            return Taken::End;
        }
        self.bytes += line.len() as u64;
        if self.bytes > limit {
            self.flush(field);
            return if std::mem::replace(&mut self.exceeded, true) {
                Taken::Line
            } else {
                Taken::Exceeded
            };
        }
        if is_continuation(line.first().copied()) && !self.pending.is_empty() {
            self.pending.push(b' ');
            self.pending.extend_from_slice(field::trim(line));
            return Taken::Line;
        }
        self.flush(field);
        if next.is_some() && !is_continuation(next) {
            field(line);
        } else {
            self.pending.extend_from_slice(line);
        }
        Taken::Line
    }

    /// Gives the field that was kept.
    pub fn flush(&mut self, field: &mut dyn FnMut(&[u8])) {
        if !self.pending.is_empty() {
            field(&self.pending);
            self.pending.clear();
        }
    }
}

fn is_continuation(first: Option<u8>) -> bool {
    matches!(first, Some(b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(lines: &[&str], limit: u64) -> (Vec<String>, Vec<Taken>) {
        let mut block = HeaderBlock::default();
        let mut found = Vec::new();
        let mut taken = Vec::new();
        for line in lines {
            let mut add = |f: &[u8]| found.push(String::from_utf8_lossy(f).into_owned());
            taken.push(block.line(line.as_bytes(), None, limit, &mut add));
        }
        (found, taken)
    }

    #[test]
    fn folded_lines_are_one_field() {
        let (found, taken) = fields(&["A: 1", " 2", "\t 3 ", "B: x", ""], 100);
        assert_eq!(found, ["A: 1 2 3", "B: x"]);
        assert_eq!(taken.last(), Some(&Taken::End));
    }

    #[test]
    fn a_field_is_given_at_once_when_the_next_byte_shows_its_end() {
        let mut block = HeaderBlock::default();
        let mut found = 0;
        block.line(b"A: 1", Some(b'B'), 100, &mut |_| found += 1);
        assert_eq!(found, 1);
        block.line(b"B: 1", Some(b' '), 100, &mut |_| found += 1);
        assert_eq!(found, 1);
    }

    #[test]
    fn the_limit_is_reported_once() {
        let (found, taken) = fields(&["A: 1", "B: 2", "C: 3", "D: 4", ""], 9);
        assert_eq!(found, ["A: 1", "B: 2"]);
        assert_eq!(
            taken,
            [Taken::Line, Taken::Line, Taken::Exceeded, Taken::Line, Taken::End]
        );
    }
}
