##! Events about analyzers.

module GLOBAL;

export {
## About an analyzer that is sure of its protocol.
type AnalyzerConfirmationInfo: record {
	c: connection &optional;	##< the connection it is on
	f: fa_file &optional;	##< or the file
	aid: count &optional;	##< its instance number, see :bro:see:`disable_analyzer`
};

## About an analyzer that met data it cannot parse.
type AnalyzerViolationInfo: record {
	reason: string;	##< what was wrong
	c: connection &optional;	##< the connection it is on
	f: fa_file &optional;	##< or the file
	aid: count &optional;	##< its instance number, see :bro:see:`disable_analyzer`
	data: string &optional;	##< the beginning of the data
};

## A connection was expected, and gets the analyzer it was expected for.
global scheduled_analyzer_applied: event(c: connection, a: Analyzer::Tag);

## An analyzer is sure that it parses its own protocol. At most once for each instance.
global analyzer_confirmation_info: event(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo);

## An analyzer met data that does not fit its protocol.
global analyzer_violation_info: event(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo);

## A signature found the protocol of a connection when its beginning was no longer at hand, so that no analyzer was
## added.
global protocol_late_match: event(c: connection, atype: Analyzer::Tag);
}
