# What is split over two paths, see docs/mptcp.md.
signature evil-stuff {
  ip-proto == tcp
  payload /.*evil stuff/
  event "evil stuff"
}
