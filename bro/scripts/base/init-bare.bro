##! What every program has, also in bare mode: the types, constants and options that built-in functions and the engine
##! work with, and the frameworks that everything else stands on.

@load base/bare
@load base/frameworks/logging
@load base/frameworks/input
@load base/frameworks/broker
@load base/frameworks/supervisor
@load base/frameworks/telemetry
@load base/frameworks/storage
@load base/frameworks/analyzer
@load base/frameworks/files
