package tracinggolden

import (
	"fmt"
	"slices"
)

var errorRules = []rule{
	{"exceptions", "types are Go's, stacks where an error has one or Run was called", nil, func(_ *testCase, w *document) bool {
		return len(w.exceptions()) > 0
	}},
	{"errors", "what a function returns as an error is a fault, with its message: there is no POWERTOOLS_TRACER_CAPTURE_ERROR", nil, func(_ *testCase, w *document) bool {
		if len(w.span.errs) == 0 || w.m["cause"] != nil {
			return false
		}
		delete(w.m, "error")
		w.m["fault"] = true
		w.setExceptions(w.exceptionsOf(w.span.errs))
		return true
	}},
	{"in-each-span", "an error that goes through several spans is told by each", nil, func(_ *testCase, w *document) bool {
		if w.object("cause")["id"] == nil {
			return false
		}
		w.setExceptions(w.exceptionsOf(w.span.errs))
		return true
	}},
	{"order", "exceptions are in the order in which they happened", nil, func(_ *testCase, w *document) bool {
		list := w.exceptions()
		if len(list) < 2 || len(list) != len(w.span.errs) || list[0]["message"] == w.span.errs[0].Error() {
			return false
		}
		slices.Reverse(list)
		for i, x := range list {
			x["id"] = w.exceptionID(i)
		}
		return true
	}},
	{"remote", "errors are remote in a span of kind client, a call of something else, whose namespace is remote", nil, func(_ *testCase, w *document) bool {
		if !w.span.asksRemote {
			return false
		}
		for _, x := range w.exceptions() {
			x["remote"] = w.span.remote
		}
		if w.span.remote {
			w.m["namespace"] = "remote"
		}
		return true
	}},
	{"causes", "what an error wraps is an exception of its own, linked by cause", nil, func(_ *testCase, w *document) bool {
		list := w.exceptions()
		if !slices.EqualFunc(list, w.span.errs, func(x map[string]any, err error) bool { return x["message"] == err.Error() }) {
			return false
		}
		all := w.exceptionsOf(w.span.errs)
		if len(all) == len(list) {
			return false
		}
		caused := false
		for _, x := range all {
			if !caused { // upstream has it at another place
				for name, v := range list[0] {
					if name != "id" {
						x[name] = v
					}
				}
				list = list[1:]
			}
			caused = x["cause"] != nil
		}
		w.object("cause")["exceptions"] = all
		return true
	}},
}

// exceptions returns the exceptions of a normalized document.
func (d *document) exceptions() []map[string]any {
	list, _ := d.object("cause")["exceptions"].([]map[string]any)
	return list
}

func (d *document) setExceptions(list []map[string]any) {
	d.m["cause"] = map[string]any{"working_directory": true, "exceptions": list}
}

// exceptionsOf returns the exceptions that this package writes for the errors from index i, each
// with its causes.
func (d *document) exceptionsOf(errs []error) (list []map[string]any) {
	for _, err := range errs {
		for {
			x := map[string]any{"id": d.exceptionID(len(list)), "message": err.Error(), "remote": d.span.remote}
			list = append(list, x)
			e, ok := err.(*recordedError)
			if !ok || e.cause == nil {
				break
			}
			x["cause"], err = d.exceptionID(len(list)), e.cause
		}
	}
	return list
}

func (d *document) exceptionID(n int) string { return fmt.Sprintf("exception %d of %v", n, d.m["id"]) }
