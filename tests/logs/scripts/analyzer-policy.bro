# What happens to analyzers, and protocols on odd ports.
@load policy/frameworks/analyzer/debug-logging
@load policy/frameworks/analyzer/detect-protocols
redef ProtocolDetector::minimum_volume = 100.0;
