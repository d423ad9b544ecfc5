//! What a Python analyzer can ask for: the base of the class `bro.plugins.Analyzer`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use bro_events::{ConnId, FlowId, Transport};
use bro_matching::signature;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use pyo3::IntoPyObjectExt;

use super::said::{self, Said};
use super::tag_of;
use crate::netvalues::{Addr, Port};
use crate::shared::{lock, Shared};

/// What an analyzer asked for, in its order.
pub enum Action {
    Said(Said),
    AddChild(&'static str),
    Detect,
    Remove,
    SkipRest,
    IdleTimeout(f64),
    Expect {
        orig: Option<IpAddr>,
        resp: IpAddr,
        port: u16,
        transport: Transport,
        tag: &'static str,
        timeout: f64,
    },
    Stream(Vec<u8>, bool),
    Packet(Vec<u8>, bool),
    Gap(u64, u64, bool),
    End(bool),
    Match(signature::Context, Vec<u8>, bool, bool, bool),
    History(char),
    Flip,
    FileData {
        key: String,
        data: Vec<u8>,
        is_orig: bool,
        offset: Option<u64>,
        mime: Option<Vec<u8>>,
    },
    FileGap(String, u64, u64, bool),
    FileSize(String, u64, bool),
    FileEnd(String),
}

/// The connection an analyzer is on.
pub struct Place {
    pub shared: Arc<Shared>,
    pub conn: ConnId,
    pub uid: Arc<str>,
    pub flow: FlowId,
    pub partial: bool,
}

#[derive(Default)]
struct State {
    actions: Vec<Action>,
    place: Option<Place>,
    /// Ids of the files that content was handed over for, by their keys
    files: HashMap<String, Arc<str>>,
}

/// The engine's side of an analyzer written in Python.
#[pyclass(subclass, frozen, module = "bro._engine")]
pub struct AnalyzerHandle {
    state: Mutex<State>,
}

impl AnalyzerHandle {
    /// Puts the analyzer on a connection.
    pub fn put(&self, place: Place) {
        lock(&self.state).place = Some(place);
    }

    /// Originator and responder were exchanged.
    pub fn set_flow(&self, flow: FlowId) {
        if let Some(place) = &mut lock(&self.state).place {
            place.flow = flow;
        }
    }

    /// What was asked for since the last time.
    pub fn take(&self) -> Vec<Action> {
        std::mem::take(&mut lock(&self.state).actions)
    }

    /// The unique id of a file.
    pub fn set_fuid(&self, key: &str, fuid: Option<Arc<str>>) {
        let mut state = lock(&self.state);
        match fuid {
            Some(fuid) => {
                state.files.insert(key.to_owned(), fuid);
            }
            None => {
                state.files.remove(key);
            }
        }
    }

    fn push(&self, action: Action) {
        lock(&self.state).actions.push(action);
    }

    fn place<T>(&self, look: impl FnOnce(&Place) -> T) -> PyResult<T> {
        lock(&self.state)
            .place
            .as_ref()
            .map(look)
            .ok_or_else(|| PyValueError::new_err("the analyzer is not on a connection"))
    }

    fn shared(&self) -> Option<Arc<Shared>> {
        lock(&self.state).place.as_ref().map(|place| place.shared.clone())
    }
}

/// Text or bytes.
fn bytes(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(data) = value.cast::<PyBytes>() {
        return Ok(data.as_bytes().to_vec());
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str()?.as_bytes().to_vec());
    }
    value.extract()
}

/// The tag of an analyzer, given by its name or as a value of `Analyzer::Tag`.
fn analyzer(value: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    let name: String = match value.cast::<PyString>() {
        Ok(name) => name.to_str()?.to_owned(),
        Err(_) => value.getattr("name")?.extract()?,
    };
    tag_of(&name).ok_or_else(|| PyValueError::new_err(format!("there is no analyzer {name}")))
}

#[pymethods]
impl AnalyzerHandle {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        AnalyzerHandle {
            state: Mutex::default(),
        }
    }

    /// Raises an event; returns whether anybody handles it.
    #[pyo3(signature = (event, *args))]
    fn raise_event(
        &self,
        py: Python<'_>,
        event: &Bound<'_, PyAny>,
        args: &Bound<'_, PyTuple>,
    ) -> PyResult<bool> {
        let said = Said::event(py, self.shared().as_deref(), event, args)?;
        let handled = said.is_some();
        if let Some(said) = said {
            self.push(Action::Said(said));
        }
        Ok(handled)
    }

    /// Whether anybody handles an event.
    fn wants(&self, py: Python<'_>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
        said::wants(py, self.shared().as_deref(), event)
    }

    fn confirm(&self) {
        self.push(Action::Said(Said::Confirm));
    }

    #[pyo3(signature = (reason, data=None))]
    fn violation(&self, reason: String, data: Option<&[u8]>) {
        let data = data.map(<[u8]>::to_vec);
        self.push(Action::Said(Said::Violation(reason, data)));
    }

    #[pyo3(signature = (name, addl=""))]
    fn weird(&self, name: &str, addl: &str) {
        let weird = Said::Weird(name.to_owned(), addl.to_owned());
        self.push(Action::Said(weird));
    }

    #[pyo3(name = "add_child")]
    fn add_child(&self, child: &Bound<'_, PyAny>) -> PyResult<()> {
        self.push(Action::AddChild(analyzer(child)?));
        Ok(())
    }

    fn detect_children(&self) {
        self.push(Action::Detect);
    }

    fn remove(&self) {
        self.push(Action::Remove);
    }

    fn skip_rest(&self) {
        self.push(Action::SkipRest);
    }

    fn set_idle_timeout(&self, seconds: f64) {
        self.push(Action::IdleTimeout(seconds));
    }

    #[pyo3(signature = (resp_h, resp_p, by, orig_h=None, timeout=300.0))]
    fn expect_connection(
        &self,
        resp_h: &Addr,
        resp_p: &Port,
        by: &Bound<'_, PyAny>,
        orig_h: Option<&Addr>,
        timeout: f64,
    ) -> PyResult<()> {
        self.push(Action::Expect {
            orig: orig_h.map(|addr| addr.0),
            resp: resp_h.0,
            port: resp_p.number,
            transport: resp_p.transport,
            tag: analyzer(by)?,
            timeout,
        });
        Ok(())
    }

    fn forward_stream(&self, data: &[u8], is_orig: bool) {
        self.push(Action::Stream(data.to_vec(), is_orig));
    }

    fn forward_packet(&self, data: &[u8], is_orig: bool) {
        self.push(Action::Packet(data.to_vec(), is_orig));
    }

    fn forward_undelivered(&self, offset: u64, length: u64, is_orig: bool) {
        self.push(Action::Gap(offset, length, is_orig));
    }

    fn forward_end_of_data(&self, is_orig: bool) {
        self.push(Action::End(is_orig));
    }

    #[pyo3(signature = (context, data, is_orig, begin=true, end=true))]
    fn match_signatures(
        &self,
        context: &str,
        data: &[u8],
        is_orig: bool,
        begin: bool,
        end: bool,
    ) -> PyResult<()> {
        let known = signature::Context::NETWORK
            .into_iter()
            .find(|known| known.keyword() == context)
            .ok_or_else(|| {
                PyValueError::new_err(format!("there is no context of signatures \"{context}\""))
            })?;
        self.push(Action::Match(known, data.to_vec(), is_orig, begin, end));
        Ok(())
    }

    fn add_history(&self, letter: char) {
        self.push(Action::History(letter));
    }

    fn exchange_roles(&self) {
        self.push(Action::Flip);
    }

    #[pyo3(signature = (key, data, is_orig, mime_type=None, offset=None))]
    fn file_data(
        &self,
        key: String,
        data: &[u8],
        is_orig: bool,
        mime_type: Option<&Bound<'_, PyAny>>,
        offset: Option<u64>,
    ) -> PyResult<()> {
        self.push(Action::FileData {
            key,
            data: data.to_vec(),
            is_orig,
            offset,
            mime: mime_type.map(bytes).transpose()?,
        });
        Ok(())
    }

    fn file_undelivered(&self, key: String, offset: u64, length: u64, is_orig: bool) {
        self.push(Action::FileGap(key, offset, length, is_orig));
    }

    fn file_size(&self, key: String, size: u64, is_orig: bool) {
        self.push(Action::FileSize(key, size, is_orig));
    }

    fn file_end(&self, key: String) {
        self.push(Action::FileEnd(key));
    }

    /// The unique id of a file that content was handed over for in an earlier call; None if there is none.
    fn file_id(&self, key: &str) -> Option<String> {
        lock(&self.state).files.get(key).map(|fuid| fuid.to_string())
    }

    /// Packet time, seconds since 1970.
    #[getter]
    fn now(&self) -> f64 {
        self.shared().map_or(0.0, |shared| shared.now())
    }

    #[getter]
    fn uid(&self) -> PyResult<String> {
        self.place(|place| place.uid.to_string())
    }

    #[getter]
    fn orig_h(&self) -> PyResult<Addr> {
        self.place(|place| Addr(place.flow.orig_h))
    }

    #[getter]
    fn orig_p(&self) -> PyResult<Port> {
        self.place(|place| port(place, place.flow.orig_p))
    }

    #[getter]
    fn resp_h(&self) -> PyResult<Addr> {
        self.place(|place| Addr(place.flow.resp_h))
    }

    #[getter]
    fn resp_p(&self) -> PyResult<Port> {
        self.place(|place| port(place, place.flow.resp_p))
    }

    #[getter]
    fn is_partial(&self) -> PyResult<bool> {
        self.place(|place| place.partial)
    }

    /// The record that scripts have of the connection; None before the first event about it.
    #[getter]
    fn connection(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let (shared, conn) = self.place(|place| (place.shared.clone(), place.conn))?;
        let records = shared.records();
        Ok(records.conn(conn).map(|record| record.clone_ref(py)))
    }

    /// For tests without an engine: what was asked for since the last time, as tuples that begin with its name.
    fn take_actions(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        self.take()
            .into_iter()
            .map(|action| describe(py, action))
            .collect()
    }
}

fn port(place: &Place, number: u16) -> Port {
    Port {
        transport: place.flow.transport,
        number,
    }
}

fn describe(py: Python<'_>, action: Action) -> PyResult<Py<PyAny>> {
    let data = |data: &[u8]| PyBytes::new(py, data).unbind();
    match action {
        Action::Said(said) => said.describe(py),
        Action::AddChild(tag) => ("add_child", tag).into_py_any(py),
        Action::Detect => ("detect_children",).into_py_any(py),
        Action::Remove => ("remove",).into_py_any(py),
        Action::SkipRest => ("skip_rest",).into_py_any(py),
        Action::IdleTimeout(seconds) => ("set_idle_timeout", seconds).into_py_any(py),
        Action::Expect {
            orig,
            resp,
            port,
            transport,
            tag,
            timeout,
        } => {
            let port = Port {
                transport,
                number: port,
            };
            (
                "expect_connection",
                Addr(resp),
                port,
                tag,
                orig.map(Addr),
                timeout,
            )
                .into_py_any(py)
        }
        Action::Stream(bytes, is_orig) => ("forward_stream", data(&bytes), is_orig).into_py_any(py),
        Action::Packet(bytes, is_orig) => ("forward_packet", data(&bytes), is_orig).into_py_any(py),
        Action::Gap(offset, len, is_orig) => ("forward_undelivered", offset, len, is_orig).into_py_any(py),
        Action::End(is_orig) => ("forward_end_of_data", is_orig).into_py_any(py),
        Action::Match(context, bytes, is_orig, begin, end) => (
            "match_signatures",
            context.keyword(),
            data(&bytes),
            is_orig,
            begin,
            end,
        )
            .into_py_any(py),
        Action::History(letter) => ("add_history", letter).into_py_any(py),
        Action::Flip => ("exchange_roles",).into_py_any(py),
        Action::FileData {
            key,
            data: bytes,
            is_orig,
            offset,
            mime,
        } => {
            let mime = mime.map(|mime| data(&mime));
            ("file_data", key, data(&bytes), is_orig, mime, offset).into_py_any(py)
        }
        Action::FileGap(key, offset, len, is_orig) => {
            ("file_undelivered", key, offset, len, is_orig).into_py_any(py)
        }
        Action::FileSize(key, size, is_orig) => ("file_size", key, size, is_orig).into_py_any(py),
        Action::FileEnd(key) => ("file_end", key).into_py_any(py),
    }
}
