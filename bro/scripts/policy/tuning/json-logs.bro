##! Writes all logs as JSON.

@load base/frameworks/logging/writers/ascii

redef LogAscii::use_json = T;
