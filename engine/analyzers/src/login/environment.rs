//! Environment variables of a Telnet client (RFC 1408, RFC 1572).

const IS: u8 = 0;
const INFO: u8 = 2;

const VAR: u8 = 0;
const VALUE: u8 = 1;
const ESC: u8 = 2;
const USERVAR: u8 = 3;

/// A name and its value
type Variable = (Vec<u8>, Vec<u8>);

/// Names and values in the data of a subnegotiation by which a client tells them; nothing if it is a server's request.
///
/// # Errors
/// If it is neither.
pub fn parse(data: &[u8]) -> Result<Vec<Variable>, ()> {
    let Some((&kind, mut rest)) = data.split_first() else {
        return Err(());
    };
    if kind != IS && kind != INFO {
        // SEND lists names only.
        return if kind == 1 { Ok(Vec::new()) } else { Err(()) };
    }
    let mut found: Vec<Variable> = Vec::new();
    let mut in_value = false;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            VAR | USERVAR => {
                found.push((Vec::new(), Vec::new()));
                in_value = false;
            }
            VALUE => in_value = true,
            _ => {
                let byte = if byte == ESC {
                    let Some((&escaped, behind)) = rest.split_first() else {
                        return Err(());
                    };
                    rest = behind;
                    escaped
                } else {
                    byte
                };
                let (name, value) = found.last_mut().ok_or(())?;
                if in_value {
                    value.push(byte);
                } else {
                    name.push(byte);
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_escapes() {
        let data = b"\0\0USER\x01joe\x03DISPLAY\x01h\x02\x01:0\0EMPTY";
        let found = parse(data).unwrap();
        let text = |n: usize| (found[n].0.as_slice(), found[n].1.as_slice());
        assert_eq!(text(0), (b"USER".as_slice(), b"joe".as_slice()));
        assert_eq!(text(1), (b"DISPLAY".as_slice(), b"h\x01:0".as_slice()));
        assert_eq!(text(2), (b"EMPTY".as_slice(), b"".as_slice()));
    }

    #[test]
    fn requests_and_rubbish() {
        assert_eq!(parse(b"\x01\0USER"), Ok(Vec::new()));
        for bad in [b"".as_slice(), b"\x07", b"\0text", b"\0\0A\x02"] {
            assert_eq!(parse(bad), Err(()), "{bad:?}");
        }
    }
}
