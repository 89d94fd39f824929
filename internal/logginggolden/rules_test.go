package logginggolden

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// rule is one deliberate difference. A rule with neither function is applied
// by the interpreter, which names it where it does so.
type rule struct {
	id, reason string
	lines      func(c *testCase) bool                 // rewrites the lists of lines
	line       func(c *testCase, want, got line) bool // rewrites one line of each
}

var rules = []rule{
	// What a program in Go does instead.
	{id: "unknown", reason: "the file uses an operation or option that has no counterpart in this package"},
	{id: "typed-level", reason: "Options.Level is no text, so a name that is not a level cannot be passed; ParseLevel says so first"},
	{id: "printf", reason: "slog has no format verbs; the program formats the message with fmt"},
	{id: "no-search", reason: "CorrelationPath needs no search function; without one, the program sets nothing"},
	{id: "append-again", reason: "fields of Append end with their invocation; the program appends them in the next one again"},
	{id: "persistent-removal", reason: "Options.Attrs stay on every line; fields that are to be removed later are appended"},
	{id: "chance", reason: "whether an invocation is sampled at a rate between 0 and 1 is left to chance"},
	{id: "buffer-scope", reason: "lines are held back in every invocation; upstream only where there is a trace id, which the case lacks"},
	{id: "buffer-size", reason: "which lines a full buffer holds depends on how long they are, and fields differ"},

	// Whole lines.
	{"streams", "all levels go to one writer", func(c *testCase) bool {
		return slices.ContainsFunc(c.want, func(l line) bool { return l.stream == "stderr" })
	}, nil},
	{"own-words", "what is wrong with the configuration goes to OnError once, in words of our own", func(c *testCase) bool {
		told := append(c.Want.Warnings, c.dropOwnLines(func(text string) bool {
			return !strings.Contains(text, "reserved key") && !strings.Contains(text, "sampling rate")
		})...)
		for _, text := range told {
			if strings.Contains(text, "Advanced Logging Controls") || strings.Contains(text, "time zone") {
				c.unreported = append(c.unreported, text)
			}
		}
		return len(told) > 0
	}, nil},
	{"sampling-line", "sampling_rate on each line says it, and no line announces it", func(c *testCase) bool {
		return c.dropOwnLines(func(text string) bool { return strings.Contains(text, "sampling rate") }) != nil
	}, nil},
	{"reserved-warning", "an attribute named like a field of the toolkit is kept, and nothing warns", func(c *testCase) bool {
		return c.dropOwnLines(func(text string) bool { return strings.Contains(text, "reserved key") }) != nil
	}, nil},
	{"calls-never-fail", "a log call has no errors to return or throw: its line is written", func(c *testCase) bool {
		before := len(c.errors)
		c.errors = slices.DeleteFunc(c.errors, func(step string) bool {
			n := len(c.got)
			c.got = slices.DeleteFunc(c.got, func(l line) bool { return l.step == step })
			return len(c.got) < n
		})
		return len(c.errors) < before
	}, nil},
	{"failure-line", "Middleware writes one line of its own where the function fails", func(c *testCase) bool {
		n := len(c.got)
		isOurs := func(l line) bool { return l.text("message") == "invocation failed" }
		c.got = slices.DeleteFunc(c.got, isOurs)
		return len(c.got) < n
	}, nil},

	// The toolkit's fields.
	{"levels", "the names of levels are those that Lambda filters on", nil, func(_ *testCase, want, _ line) bool {
		name, ok := map[string]string{"CRITICAL": "FATAL", "WARNING": "WARN"}[want.text("level")]
		return ok && want.set("level", name)
	}},
	{"no-service", "without a service there is no such field", nil, func(_ *testCase, want, _ line) bool {
		return want.text("service") == "service_undefined" && want.drop("service")
	}},
	{"sampling-off", "sampling_rate is written where sampling is on", nil, func(_ *testCase, want, _ line) bool {
		return want.fields["sampling_rate"] == json.Number("0") && want.drop("sampling_rate")
	}},
	{"location", "the place of a log call is the field source, with AddSource only", nil, func(c *testCase, want, _ line) bool {
		return c.Lang == "python" && want.drop("location")
	}},
	{"timestamp-form", "timestamps have one form, RFC 3339 with milliseconds", nil, func(c *testCase, want, _ line) bool {
		return c.Lang == "python" && want.set("timestamp", c.timestamp(want.text("timestamp")))
	}},
	{"unknown-zone", "a time zone that is not known is UTC, whose timestamps end in Z", nil, func(c *testCase, want, _ line) bool {
		_, err := c.zone()
		return err != nil && want.set("timestamp", c.timestamp(want.text("timestamp")))
	}},
	{"memory-number", "function_memory_size is a number", nil, func(_ *testCase, want, _ line) bool {
		size := want.text("function_memory_size")
		return size != "" && want.set("function_memory_size", json.Number(size))
	}},
	{"outside", "fields of an invocation are on the lines of that invocation only", nil, func(c *testCase, want, got line) bool {
		if got.invocation > 0 {
			return false
		}
		n := len(want.fields) + len(got.fields)
		got.drop("cold_start") // of an invocation that only the test made
		for _, name := range ownFields[4:10] {
			want.drop(name)
		}
		return len(want.fields)+len(got.fields) < n
	}},
	{"version", "function_version is one more field", nil, func(c *testCase, want, got line) bool {
		v := c.contextText("functionVersion", "function_version")
		return got.invocation > 0 && v != "" && want.set("function_version", v)
	}},
	{"cold-start", "an unknown type of initialization is on demand, and any other one is warm, in every language", nil, func(c *testCase, want, got line) bool {
		cold := got.invocation == 1 && c.box.OnDemand
		return got.invocation > 0 && want.fields["cold_start"] != cold && want.set("cold_start", cold)
	}},
	{"event-line", "the event is logged as the field event, before the function runs and appends", nil, func(c *testCase, want, got line) bool {
		if got.text("message") != "Lambda invocation event" {
			return false
		}
		touched := false
		if event, ok := want.fields["message"].(map[string]any); ok {
			want.set("message", "Lambda invocation event")
			touched = want.set("event", event)
		}
		for name := range want.fields {
			_, has := got.fields[name]
			_, given := c.values[name]
			touched = given && !has && name != "event" && want.drop(name) || touched
		}
		return touched
	}},
	{"message-text", "the message of slog is a string", nil, func(c *testCase, want, _ line) bool {
		m, ok := want.fields["message"]
		if _, text := m.(string); !ok || text {
			return false
		}
		return want.set("message", messageText(m))
	}},
	{"correlation-text", "correlation_id is text", nil, func(_ *testCase, want, _ line) bool {
		n, ok := want.fields["correlation_id"].(json.Number)
		return ok && want.set("correlation_id", n.String())
	}},

	// Attributes.
	{"reserved", "an attribute named like a field of the toolkit is kept, as attr_NAME", nil, func(c *testCase, want, got line) bool {
		touched := false
		for name, v := range got.fields {
			own, ok := strings.CutPrefix(name, "attr_")
			given := func(g any) bool { return same(g, v) }
			if !ok || !slices.Contains(ownFields, own) || !slices.ContainsFunc(c.values[own], given) {
				continue
			}
			if same(want.fields[own], v) && !same(got.fields[own], v) {
				want.drop(own) // it took the place of the field
				if kept, ok := got.fields[own]; ok {
					want.set(own, kept)
				}
			}
			touched = got.drop(name)
		}
		return touched
	}},
	{"values", "values are encoded as encoding/json encodes those of Go, errors as {message, type, stack, cause}", nil, func(c *testCase, want, got line) bool {
		touched := false
		for name, v := range want.fields {
			for _, given := range c.values[name] {
				touched = want.set(name, c.counterpart(given, v, got.fields[name])) || touched
			}
		}
		return touched
	}},
	{"empty-values", "attributes without a value, and empty ones, are written", nil, func(_ *testCase, want, got line) bool {
		n := len(got.fields)
		maps.DeleteFunc(got.fields, func(name string, v any) bool {
			_, wanted := want.fields[name]
			return !wanted && !slices.Contains(ownFields, name) && (v == nil || v == "")
		})
		return len(got.fields) < n
	}},
}
