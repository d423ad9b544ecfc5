//! The file of a log: plain, compressed, or the standard output.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::Compression;

use crate::{Action, AsciiOptions, Formatter, LogError};

/// Bytes that are formatted before they are written to the file in one go.
const WRITE_SIZE: usize = 128 << 10;

#[derive(Debug)]
enum Sink {
    Plain(File),
    Gzip(Box<GzEncoder<File>>),
    Stdout,
}

/// An open log file.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    sink: Sink,
    /// Formatted and not written yet
    pending: Vec<u8>,
    /// A note beside the file for as long as it is open, see [`crate::LogSpec::shadow`]
    shadow: Option<PathBuf>,
}

/// The file a log goes to: `directory/path.extension`, and the extension of compressed files where it is one.
pub fn file_name(directory: &Path, path: &str, extension: &str, options: &AsciiOptions) -> PathBuf {
    if options.output_to_stdout {
        return PathBuf::from("/dev/stdout");
    }
    let mut name = String::from(path);
    if !path.starts_with("/dev/") {
        name.push('.');
        name.push_str(extension);
        if options.gzip_level > 0 {
            name.push('.');
            name.push_str(&options.gzip_file_extension);
        }
    }
    directory.join(name)
}

/// Where the note about an open file is kept: `.shadow.NAME` in the same directory.
pub fn shadow_name(file: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".shadow.");
    name.push(file.file_name().unwrap_or_default());
    file.with_file_name(name)
}

impl LogFile {
    /// Creates the file, replacing one of that name, and puts the header into it.
    pub fn create(
        path: &Path,
        options: &AsciiOptions,
        formatter: &Formatter,
        opened: &str,
        shadow: Option<&[u8]>,
    ) -> Result<LogFile, LogError> {
        let error = |source| LogError::new(path, Action::Create, source);
        let sink = if options.output_to_stdout {
            Sink::Stdout
        } else {
            // Where `/dev/stdout` is a file, what programs wrote there before stays.
            let file = match path.starts_with("/dev") {
                true => File::options().append(true).open(path),
                false => File::create(path),
            };
            let file = file.map_err(error)?;
            match options.gzip_level {
                0 => Sink::Plain(file),
                level => Sink::Gzip(Box::new(GzEncoder::new(file, Compression::new(level)))),
            }
        };
        let shadow = match shadow {
            Some(note) if !options.output_to_stdout => {
                let name = shadow_name(path);
                fs::write(&name, note).map_err(|e| LogError::new(&name, Action::Create, e))?;
                Some(name)
            }
            _ => None,
        };
        let mut pending = Vec::with_capacity(WRITE_SIZE);
        formatter.header(&mut pending, opened);
        Ok(LogFile {
            path: path.to_owned(),
            sink,
            pending,
            shadow,
        })
    }

    /// Where to append formatted rows; follow with [`LogFile::written`].
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Writes what was appended, if it is enough to be worth it.
    #[inline]
    pub fn written(&mut self) -> Result<(), LogError> {
        if self.pending.len() < WRITE_SIZE {
            return Ok(());
        }
        self.write_pending()
            .map_err(|e| LogError::new(&self.path, Action::Write, e))
    }

    fn write_pending(&mut self) -> io::Result<()> {
        let result = match &mut self.sink {
            Sink::Plain(file) => file.write_all(&self.pending),
            Sink::Gzip(gzip) => gzip.write_all(&self.pending),
            Sink::Stdout => io::stdout().lock().write_all(&self.pending),
        };
        self.pending.clear();
        self.pending.shrink_to(2 * WRITE_SIZE);
        result
    }

    /// Writes everything there is, so that readers of the file see it.
    pub fn flush(&mut self) -> Result<(), LogError> {
        self.write_pending()
            .and_then(|()| match &mut self.sink {
                Sink::Plain(file) => file.flush(),
                Sink::Gzip(gzip) => gzip.flush(),
                Sink::Stdout => io::stdout().flush(),
            })
            .map_err(|e| LogError::new(&self.path, Action::Write, e))
    }

    /// Writes the footer and closes the file; afterwards it is complete.
    pub fn close(mut self, formatter: &Formatter, closed: &str) -> Result<(), LogError> {
        formatter.footer(&mut self.pending, closed);
        self.flush()?;
        let path = self.path;
        let done = match self.sink {
            Sink::Plain(_) | Sink::Stdout => Ok(()),
            Sink::Gzip(gzip) => gzip.finish().and_then(|mut file| file.flush()),
        };
        if let Some(shadow) = self.shadow {
            // whoever finds the note would take the log for one that was left over; but the log itself is complete
            let _ = fs::remove_file(shadow);
        }
        done.map_err(|e| LogError::new(&path, Action::Close, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let options = AsciiOptions::default();
        let name =
            |dir: &str, path: &str, options: &AsciiOptions| file_name(Path::new(dir), path, "log", options);
        assert_eq!(name("", "conn", &options), Path::new("conn.log"));
        assert_eq!(name("/logs", "a/conn", &options), Path::new("/logs/a/conn.log"));
        assert_eq!(name("/logs", "/tmp/conn", &options), Path::new("/tmp/conn.log"));
        assert_eq!(name("/logs", "/dev/stderr", &options), Path::new("/dev/stderr"));
        let gzip = AsciiOptions {
            gzip_level: 6,
            ..AsciiOptions::default()
        };
        assert_eq!(name("", "conn", &gzip), Path::new("conn.log.gz"));
        let stdout = AsciiOptions {
            output_to_stdout: true,
            ..AsciiOptions::default()
        };
        assert_eq!(name("/logs", "conn", &stdout), Path::new("/dev/stdout"));
        assert_eq!(
            shadow_name(Path::new("/logs/conn.log")),
            Path::new("/logs/.shadow.conn.log")
        );
    }
}
