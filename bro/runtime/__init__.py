"""What compiled scripts run on: values, tables, timers, dispatch of events, reports of errors."""
