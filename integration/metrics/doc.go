// Package metrics tells Prometheus how cameras and recorder do: docs/metrics.md lists what.
//
// It counts nothing itself. What there is, the rooms count anyway; a scrape asks for it through one
// interface and hands it on. So nothing stands on a picture's path for it, and of a camera that is gone there is
// nothing to forget: the next scrape does not have it. Labels are a camera's id, a route's pattern, a rule, a hook: all
// of them are bounded by the configuration or by what was registered.
package metrics
