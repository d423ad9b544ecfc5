//! Writes a file's content to disk, up to a limit.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use bro_events::{FileAnalyzerArgs, Value, Weird, WeirdAbout};

use super::{FileAnalyzer, FileAnalyzerDef, FileContext, NOT_ATTACHED};
use crate::events::{ANALYZER_ARGS, FILE_EXTRACTION_LIMIT};

/// Extraction of a file.
pub const EXTRACT: FileAnalyzerDef = FileAnalyzerDef {
    name: "EXTRACT",
    tag: "Files::ANALYZER_EXTRACT",
    about: "Writes a file's content to disk",
    new: |args| {
        let path = args
            .extract_filename
            .clone()
            .ok_or("extraction needs $extract_filename")?;
        let path = PathBuf::from(path);
        let file = File::create(&path).map_err(|e| format!("{}: cannot be written: {e}", path.display()))?;
        Ok(Box::new(Extract {
            args: args.clone(),
            limit: args.extract_limit,
            file: Some(file),
            written: 0,
            counted: 0,
        }))
    },
};

/// What is reported when a file cannot be written any further.
const FAILED: &str = "file_extraction_failed";

/// Whether a weird says that a file was to be extracted and could not be, or not completely.
pub fn is_extraction_failure(weird: &Weird) -> bool {
    weird.name == FAILED || weird.name == NOT_ATTACHED && weird.source == EXTRACT.name
}

struct Extract {
    args: FileAnalyzerArgs,
    /// Bytes at most; 0: no limit
    limit: u64,
    file: Option<File>,
    written: u64,
    /// What counts against the limit
    counted: u64,
}

impl Extract {
    fn args_value(&self) -> Value {
        let fields = vec![
            Value::Unset,
            Value::Unset,
            self.args.extract_filename.clone().into(),
            Value::Count(self.limit),
            Value::Bool(self.args.extract_limit_includes_missing),
        ];
        Value::Record(&ANALYZER_ARGS, fields)
    }

    /// Whether `len` bytes more are within the limit.
    fn is_within(&self, len: u64) -> bool {
        self.limit == 0 || self.counted.saturating_add(len) <= self.limit
    }

    /// How many of `len` bytes may be written.  Asks policy when the limit is reached.
    fn allowed(&mut self, ctx: &mut FileContext<'_>, len: u64) -> u64 {
        if self.is_within(len) {
            return len;
        }
        let args = vec![
            ctx.value(),
            self.args_value(),
            Value::Count(self.limit),
            Value::Count(len),
        ];
        ctx.sink.emit(&FILE_EXTRACTION_LIMIT, args);
        if let Some(limit) = ctx.ask_for_limit(self.args.extract_filename.as_deref()) {
            self.limit = limit;
        }
        if self.is_within(len) {
            len
        } else {
            self.limit.saturating_sub(self.counted)
        }
    }

    fn write(&mut self, ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
        let Some(file) = &mut self.file else { return false };
        if let Err(error) = file.write_all(data) {
            ctx.sink.weird(Weird {
                name: FAILED,
                about: WeirdAbout::File(ctx.file),
                addl: format!(
                    "{}: {error}",
                    self.args.extract_filename.as_deref().unwrap_or_default()
                ),
                source: "EXTRACT",
            });
            self.file = None;
            return false;
        }
        self.written += data.len() as u64;
        self.counted += data.len() as u64;
        true
    }
}

impl FileAnalyzer for Extract {
    fn deliver_stream(&mut self, ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
        let len = data.len() as u64;
        let allowed = self.allowed(ctx, len);
        let end = usize::try_from(allowed.min(len)).unwrap_or(data.len());
        self.write(ctx, &data[..end]) && allowed >= len
    }

    fn undelivered(&mut self, ctx: &mut FileContext<'_>, _offset: u64, len: u64) -> bool {
        if !self.args.extract_limit_includes_missing {
            return true;
        }
        let allowed = self.allowed(ctx, len);
        self.counted += len.min(allowed);
        allowed >= len
    }

    fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }
}

#[cfg(test)]
mod tests {
    use bro_events::{Command, FileCommand, FileId, Recorder};

    use super::*;

    #[test]
    fn writes_up_to_the_limit_and_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        let args = FileAnalyzerArgs {
            extract_filename: Some(path.to_string_lossy().into_owned()),
            extract_limit: 8,
            ..FileAnalyzerArgs::default()
        };
        let mut sink = Recorder::new();
        let mut analyzer = (EXTRACT.new)(&args).expect("can be written");
        let mut ctx = FileContext {
            file: FileId(1),
            sink: &mut sink,
            later: &mut Vec::new(),
        };
        assert!(analyzer.deliver_stream(&mut ctx, b"hello "));
        assert!(!analyzer.deliver_stream(&mut ctx, b"world"));
        drop(analyzer);
        assert_eq!(std::fs::read(&path).expect("written"), b"hello wo");
        assert_eq!(sink.named("file_extraction_limit").len(), 1);
    }

    #[test]
    fn policy_may_raise_the_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        let name = path.to_string_lossy().into_owned();
        let args = FileAnalyzerArgs {
            extract_filename: Some(name.clone()),
            extract_limit: 3,
            ..FileAnalyzerArgs::default()
        };
        let mut sink = Recorder::new();
        let file = FileId(1);
        // What the handler of the event will have asked for.
        sink.commands.push(Command::File(
            file,
            FileCommand::ExtractLimit { path: name, limit: 9 },
        ));
        sink.commands
            .push(Command::File(file, FileCommand::SetTimeout(5.0)));
        let mut later = Vec::new();
        let mut analyzer = (EXTRACT.new)(&args).expect("can be written");
        let mut ctx = FileContext {
            file,
            sink: &mut sink,
            later: &mut later,
        };
        assert!(analyzer.deliver_stream(&mut ctx, b"hello "));
        assert!(!analyzer.deliver_stream(&mut ctx, b"world"));
        drop(analyzer);
        assert_eq!(std::fs::read(&path).expect("written"), b"hello wor");
        assert!(matches!(later[..], [FileCommand::SetTimeout(_)]));
    }

    #[test]
    fn a_folder_that_is_missing_is_said() {
        let args = FileAnalyzerArgs {
            extract_filename: Some("/nowhere/at/all".into()),
            ..Default::default()
        };
        assert!((EXTRACT.new)(&args)
            .err()
            .expect("an error")
            .contains("/nowhere/at/all"));
    }
}
