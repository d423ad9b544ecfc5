//! A protocol analyzer whose calls go to an object of Python.

use std::sync::Arc;

use bro_session::analyzer::{Analyzer, AnalyzerDef, AnalyzerRegistry, Context, Factory, TreeChange};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::events::PLUGIN_EVENT;
use super::handle::{Action, AnalyzerHandle, Place};
use super::said::Said;
use super::{definitions, interned, Component, Kind};
use crate::shared::{lock, Shared};

/// The calls that a class implements, looked up once.
#[derive(Clone, Copy)]
struct Calls {
    init: bool,
    packet: bool,
    stream: bool,
    undelivered: bool,
    end_of_data: bool,
    finished: bool,
    reset: bool,
    flip: bool,
    done: bool,
}

/// An instance on a connection.
struct PythonAnalyzer {
    kind: Arc<Kind>,
    calls: Calls,
    /// Made by the first call; `None` again once it has failed
    object: Option<Py<AnalyzerHandle>>,
    failed: bool,
}

/// What is never asked: instances come from the factory.
struct Nothing;

impl Analyzer for Nothing {}

/// Adds an analyzer to a registry.
pub fn add(registry: &mut AnalyzerRegistry, component: Component, shared: Arc<Shared>) {
    let def = definition(&component);
    let kind = Arc::new(Kind::new(component, def.tag, def.name, shared));
    let calls = Calls {
        init: kind.implements("init"),
        packet: kind.implements("deliver_packet"),
        stream: kind.implements("deliver_stream"),
        undelivered: kind.implements("undelivered"),
        end_of_data: kind.implements("end_of_data"),
        finished: kind.implements("connection_finished"),
        reset: kind.implements("connection_reset"),
        flip: kind.implements("flip_roles"),
        done: kind.implements("done"),
    };
    let make = move || -> Box<dyn Analyzer> {
        Box::new(PythonAnalyzer {
            kind: kind.clone(),
            calls,
            object: None,
            failed: false,
        })
    };
    registry.add(def, Factory::new(make));
}

/// The definition of an analyzer, which lives as long as the process.  One is made when a plugin is first used, or
/// describes its analyzer in other words.
fn definition(component: &Component) -> &'static AnalyzerDef {
    let mut known = lock(definitions());
    if let Some(def) = known.get(&component.tag) {
        let same = def.name == component.name
            && def.about == component.about
            && def.handles_partial == component.handles_partial;
        if same {
            return def;
        }
    }
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let def: &'static AnalyzerDef = Box::leak(Box::new(AnalyzerDef {
        name: leak(&component.name),
        tag: leak(&component.tag),
        about: leak(&component.about),
        handles_partial: component.handles_partial,
        new: |_| Box::new(Nothing),
        options: &[],
        events: &[],
        records: &[],
        declarations: "",
        signatures: "",
    }));
    known.insert(component.tag.clone(), def);
    def
}

impl PythonAnalyzer {
    /// Makes the object.
    fn make(&self, py: Python<'_>, ctx: &Context<'_>) -> PyResult<Py<AnalyzerHandle>> {
        let object = self.kind.class.bind(py).call0()?;
        let handle = object
            .cast_into::<AnalyzerHandle>()
            .map_err(|_| PyTypeError::new_err("an analyzer's class is derived from bro.plugins.Analyzer"))?;
        handle.get().put(Place {
            shared: self.kind.shared.clone(),
            conn: ctx.conn(),
            uid: ctx.uid().clone(),
            flow: *ctx.flow(),
            partial: ctx.is_partial(),
        });
        Ok(handle.unbind())
    }

    /// Calls the object, and does what it asked for.
    fn call(
        &mut self,
        ctx: &mut Context<'_>,
        name: &'static str,
        call: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
    ) {
        if self.failed {
            return;
        }
        let result = Python::attach(|py| {
            if self.object.is_none() {
                self.object = Some(self.make(py, ctx)?);
            }
            match &self.object {
                Some(object) => call(object.bind(py).as_any()).map(|_| ()),
                None => Ok(()),
            }
        });
        // What it asked for before it failed was asked for in good faith.
        if let Some(object) = &self.object {
            let handle = object.get();
            for action in handle.take() {
                apply(ctx, handle, &self.kind, action);
            }
        }
        if let Err(error) = result {
            self.failed = true;
            self.object = None;
            self.kind.failed(name, error);
            ctx.violation(format!("{name} of plugin {} failed", self.kind.plugin), None);
            ctx.change(TreeChange::RemoveSelf);
        }
    }
}

/// Carries out what an analyzer asked for.
fn apply(ctx: &mut Context<'_>, handle: &AnalyzerHandle, kind: &Kind, action: Action) {
    match action {
        Action::Said(Said::Event(entry, args)) => {
            entry.raise(&kind.shared, args);
            ctx.emit(&PLUGIN_EVENT, []);
        }
        // Only without an engine.
        Action::Said(Said::Named(..)) => {}
        Action::Said(Said::Confirm) => ctx.confirm(),
        Action::Said(Said::Violation(reason, data)) => ctx.violation(reason, data.as_deref()),
        Action::Said(Said::Weird(name, addl)) => ctx.weird(interned(&name), addl),
        Action::AddChild(tag) => ctx.change(TreeChange::AddChild(tag)),
        Action::Detect => ctx.change(TreeChange::AddDetector),
        Action::Remove => ctx.change(TreeChange::RemoveSelf),
        Action::SkipRest => ctx.change(TreeChange::SkipRest),
        Action::IdleTimeout(seconds) => ctx.change(TreeChange::IdleTimeout(seconds)),
        Action::Expect {
            orig,
            resp,
            port,
            transport,
            tag,
            timeout,
        } => ctx.change(TreeChange::Expect {
            orig,
            resp,
            port,
            transport,
            tag,
            timeout,
        }),
        Action::Stream(data, is_orig) => ctx.forward_stream(is_orig, &data),
        Action::Packet(data, is_orig) => ctx.change(TreeChange::Forward(
            bro_session::analyzer::Forwarded::Packet(is_orig, data),
        )),
        Action::Gap(offset, len, is_orig) => ctx.forward_gap(is_orig, offset, len),
        Action::End(is_orig) => ctx.forward_end_of_data(is_orig),
        Action::Match(context, data, is_orig, begin, end) => {
            ctx.match_content(context, is_orig, &data, begin, end);
        }
        Action::History(letter) => ctx.add_history(letter),
        Action::Flip => {
            ctx.flip_roles();
            handle.set_flow(*ctx.flow());
        }
        Action::FileData {
            key,
            data,
            is_orig,
            offset,
            mime,
        } => {
            let file = ctx.file_key(&key);
            match offset {
                Some(offset) => ctx.file_data_at(&file, is_orig, offset, &data, mime.as_deref()),
                None => ctx.file_data(&file, is_orig, &data, mime.as_deref()),
            }
            handle.set_fuid(&key, ctx.fuid(&file));
        }
        Action::FileGap(key, offset, len, is_orig) => {
            let file = ctx.file_key(&key);
            ctx.file_gap(&file, is_orig, offset, len);
        }
        Action::FileSize(key, size, is_orig) => {
            let file = ctx.file_key(&key);
            ctx.file_size(&file, is_orig, size);
        }
        Action::FileEnd(key) => {
            let file = ctx.file_key(&key);
            ctx.file_end(&file);
            handle.set_fuid(&key, None);
        }
    }
}

impl Analyzer for PythonAnalyzer {
    fn init(&mut self, ctx: &mut Context<'_>) {
        if self.kind.is_off() {
            self.failed = true;
            ctx.change(TreeChange::RemoveSelf);
        } else if self.calls.init {
            self.call(ctx, "init", |object| {
                object.call_method0(intern!(object.py(), "init"))
            });
        }
    }

    fn deliver_packet(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        if self.calls.packet {
            self.call(ctx, "deliver_packet", |object| {
                let py = object.py();
                object.call_method1(intern!(py, "deliver_packet"), (PyBytes::new(py, data), is_orig))
            });
        }
    }

    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        if self.calls.stream {
            self.call(ctx, "deliver_stream", |object| {
                let py = object.py();
                object.call_method1(intern!(py, "deliver_stream"), (PyBytes::new(py, data), is_orig))
            });
        }
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        if self.calls.undelivered {
            self.call(ctx, "undelivered", |object| {
                object.call_method1(intern!(object.py(), "undelivered"), (offset, len, is_orig))
            });
        }
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        if self.calls.end_of_data {
            self.call(ctx, "end_of_data", |object| {
                object.call_method1(intern!(object.py(), "end_of_data"), (is_orig,))
            });
        }
    }

    fn connection_finished(&mut self, ctx: &mut Context<'_>, half: bool) {
        if self.calls.finished {
            self.call(ctx, "connection_finished", |object| {
                object.call_method1(intern!(object.py(), "connection_finished"), (half,))
            });
        }
    }

    fn connection_reset(&mut self, ctx: &mut Context<'_>) {
        if self.calls.reset {
            self.call(ctx, "connection_reset", |object| {
                object.call_method0(intern!(object.py(), "connection_reset"))
            });
        }
    }

    fn flip_roles(&mut self, ctx: &mut Context<'_>) {
        if let Some(object) = &self.object {
            object.get().set_flow(*ctx.flow());
        }
        if self.calls.flip {
            self.call(ctx, "flip_roles", |object| {
                object.call_method0(intern!(object.py(), "flip_roles"))
            });
        }
    }

    fn done(&mut self, ctx: &mut Context<'_>) {
        if self.calls.done {
            self.call(ctx, "done", |object| {
                object.call_method0(intern!(object.py(), "done"))
            });
        }
    }
}
