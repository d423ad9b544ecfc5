//! Addresses, subnets and ports as Python values: small, frozen, hashable, and made without running Python code.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bro_events::Transport;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// A Bro `addr`: an IPv4 or IPv6 address.  IPv4-mapped IPv6 addresses are IPv4 ones, as in Bro.
#[pyclass(frozen, eq, hash, ord, from_py_object, module = "bro._engine")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Addr(pub IpAddr);

/// IPv4-mapped addresses are the IPv4 ones they stand for.
fn unmapped(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(addr, IpAddr::V4),
        IpAddr::V4(_) => addr,
    }
}

/// An address cut to its leading `width` bits, which count from the start of its own family.
pub fn masked(addr: IpAddr, width: u8) -> IpAddr {
    match addr {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(width.min(32))).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(v4) & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128 - u32::from(width.min(128)))
                .unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(v6) & mask))
        }
    }
}

fn parse_addr(text: &str) -> PyResult<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .map(unmapped)
        .map_err(|_| PyValueError::new_err(format!("not an IP address: {text:?}")))
}

#[pymethods]
impl Addr {
    #[new]
    fn py_new(text: &str) -> PyResult<Self> {
        parse_addr(text).map(Addr)
    }

    /// The address of 4 or 16 bytes in network order.
    #[staticmethod]
    fn from_bytes(packed: &[u8]) -> PyResult<Self> {
        if let Ok(v4) = <[u8; 4]>::try_from(packed) {
            Ok(Addr(IpAddr::from(v4)))
        } else if let Ok(v6) = <[u8; 16]>::try_from(packed) {
            Ok(Addr(unmapped(IpAddr::from(v6))))
        } else {
            Err(PyValueError::new_err(format!(
                "an address has 4 or 16 bytes, not {}",
                packed.len()
            )))
        }
    }

    /// Its 4 or 16 bytes in network order.
    #[getter]
    fn packed<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        match self.0 {
            IpAddr::V4(a) => PyBytes::new(py, &a.octets()),
            IpAddr::V6(a) => PyBytes::new(py, &a.octets()),
        }
    }

    #[getter]
    fn is_v4(&self) -> bool {
        self.0.is_ipv4()
    }

    #[getter]
    fn is_v6(&self) -> bool {
        self.0.is_ipv6()
    }

    /// The subnet of its leading `width` bits.
    fn mask(&self, width: u8) -> PyResult<Subnet> {
        Subnet::of(self.0, width)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Addr({:?})", self.0.to_string())
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, (String,))> {
        Ok((slf.get_type().into_any().unbind(), (slf.get().__str__(),)))
    }
}

/// A Bro `subnet`: an address and a number of leading bits, the rest being zero.
#[pyclass(frozen, eq, hash, ord, from_py_object, module = "bro._engine")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subnet {
    /// First address
    pub addr: IpAddr,
    /// Leading bits, within the address's family
    pub width: u8,
}

impl Subnet {
    /// The subnet of an address's leading bits.
    pub fn of(addr: IpAddr, width: u8) -> PyResult<Self> {
        let most = if addr.is_ipv4() { 32 } else { 128 };
        if width > most {
            return Err(PyValueError::new_err(format!(
                "a prefix of {addr} has at most {most} bits, not {width}"
            )));
        }
        Ok(Subnet {
            addr: masked(addr, width),
            width,
        })
    }

    fn holds(&self, addr: IpAddr) -> bool {
        self.addr.is_ipv4() == addr.is_ipv4() && masked(addr, self.width) == self.addr
    }
}

#[pymethods]
impl Subnet {
    #[new]
    fn py_new(text: &str) -> PyResult<Self> {
        let wrong = || PyValueError::new_err(format!("not a subnet: {text:?}"));
        let (addr, width) = text.rsplit_once('/').ok_or_else(wrong)?;
        let bare = addr
            .strip_prefix('[')
            .and_then(|t| t.strip_suffix(']'))
            .unwrap_or(addr);
        let addr: IpAddr = bare.parse().map_err(|_| wrong())?;
        let width: u8 = width.parse().map_err(|_| wrong())?;
        match (addr, unmapped(addr)) {
            // ::ffff:10.0.0.0/104 is 10.0.0.0/8
            (IpAddr::V6(_), v4 @ IpAddr::V4(_)) if width >= 96 => Subnet::of(v4, width - 96),
            _ => Subnet::of(addr, width),
        }
    }

    /// The subnet of an address's leading bits.
    #[staticmethod]
    #[pyo3(name = "new")]
    fn make(addr: &Addr, width: u8) -> PyResult<Self> {
        Subnet::of(addr.0, width)
    }

    #[getter]
    fn addr(&self) -> Addr {
        Addr(self.addr)
    }

    #[getter]
    fn width(&self) -> u8 {
        self.width
    }

    fn __contains__(&self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        if let Ok(addr) = item.cast::<Addr>() {
            return Ok(self.holds(addr.get().0));
        }
        let inner = item.cast::<Subnet>().map_err(PyErr::from)?.get();
        Ok(inner.width >= self.width && self.holds(inner.addr))
    }

    fn __str__(&self) -> String {
        format!("{}/{}", self.addr, self.width)
    }

    fn __repr__(&self) -> String {
        format!("Subnet(\"{}/{}\")", self.addr, self.width)
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, (String,))> {
        Ok((slf.get_type().into_any().unbind(), (slf.get().__str__(),)))
    }
}

/// A Bro `port`: a number and its transport.
#[pyclass(frozen, eq, hash, ord, from_py_object, module = "bro._engine")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Port {
    /// Transport, compared first
    pub transport: Transport,
    /// Number
    pub number: u16,
}

/// The suffix behind the slash.
pub fn transport_suffix(transport: Transport) -> &'static str {
    match transport {
        Transport::Unknown => "unknown",
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
        Transport::Icmp => "icmp",
    }
}

/// The transport of a suffix.
pub fn transport_of(suffix: &str) -> PyResult<Transport> {
    Ok(match suffix {
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        "icmp" => Transport::Icmp,
        "unknown" => Transport::Unknown,
        _ => {
            return Err(PyValueError::new_err(format!(
                "not a transport: {suffix:?} (tcp, udp, icmp or unknown)"
            )))
        }
    })
}

#[pymethods]
impl Port {
    /// Raises ValueError for a number beyond 65535 or another transport.
    #[new]
    fn py_new(number: i64, proto: &str) -> PyResult<Self> {
        let transport = transport_of(proto)?;
        let number = u16::try_from(number)
            .map_err(|_| PyValueError::new_err(format!("not the number of a port: {number} (0 to 65535)")))?;
        Ok(Port { transport, number })
    }

    #[getter]
    fn number(&self) -> u16 {
        self.number
    }

    #[getter]
    fn proto(&self) -> &'static str {
        transport_suffix(self.transport)
    }

    fn __str__(&self) -> String {
        format!("{}/{}", self.number, transport_suffix(self.transport))
    }

    fn __repr__(&self) -> String {
        format!("Port({}, {:?})", self.number, transport_suffix(self.transport))
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, (u16, &'static str))> {
        let port = slf.get();
        Ok((
            slf.get_type().into_any().unbind(),
            (port.number, transport_suffix(port.transport)),
        ))
    }
}

/// Adds the classes to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Addr>()?;
    m.add_class::<Subnet>()?;
    m.add_class::<Port>()
}
