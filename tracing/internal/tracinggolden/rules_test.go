package tracinggolden

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/lambdakit/lambdakit/internal/env"
)

// rule is one deliberate difference from upstream. The interpreter applies a rule that has
// neither function, and names the rule there.
type rule struct {
	id, reason string
	docs       func(c *testCase) bool              // changes the lists of documents, before normalize
	doc        func(c *testCase, w *document) bool // changes a wanted document, after align
}

// rules are applied in this order.
var rules = slices.Concat(documentRules, errorRules)

var documentRules = []rule{
	{id: "typed", reason: "Go's types do not let a program pass such a key"},
	{id: "never-fails", reason: "what annotates has no errors to return"},
	{id: "opt-in", reason: "responses are captured where the program asks for it"},
	{id: "call", reason: "Run and Call capture no results: the program does, with Metadata"},
	{id: "lambda-env", reason: "Lambda is known by AWS_LAMBDA_FUNCTION_NAME or AWS_LAMBDA_RUNTIME_API, not by AWS_EXECUTION_ENV"},

	{"own-words", "what is wrong goes to OnError once, in words of our own; what has no effect is no problem", func(c *testCase) bool {
		return len(c.Want.Warnings) > 0
	}, nil},
	{"ids", "ids of spans are random, and those of exceptions follow from them", func(c *testCase) bool {
		return len(c.want) > 0
	}, nil},
	{"switches", "a switch may also be 0, no, off and the like; POWERTOOLS_TRACE_DISABLED counts in every language", func(c *testCase) bool {
		enabled, ok, err := env.Bool("POWERTOOLS_TRACE_ENABLED")
		disabled, _, err2 := env.Bool("POWERTOOLS_TRACE_DISABLED")
		sam, samOK, err3 := env.Bool("AWS_SAM_LOCAL")
		_, _, err4 := env.Bool("POWERTOOLS_TRACER_CAPTURE_RESPONSE")
		for _, err := range []error{err, err2, err3, err4} {
			if err != nil && c.Given.Options["enabled"] != false {
				name, _, _ := strings.Cut(err.Error(), "=")
				c.reports = slices.DeleteFunc(c.reports, func(s string) bool { return strings.Contains(s, name) })
			}
		}
		switch {
		case (disabled || ok && !enabled || sam) && len(c.want) > 0:
			c.want = nil
			return true
		case (samOK && !sam || err3 != nil) && len(c.want) == 0 && len(c.got) > 0: // upstream is off if the variable is set to any value
			c.got = nil
			return true
		}
		return false
	}, func(c *testCase, w *document) bool {
		capture, ok, _ := env.Bool("POWERTOOLS_TRACER_CAPTURE_RESPONSE")
		own := w.namespace(cmp.Or(c.service, "service_undefined"))
		_, captured := own[c.responseKey()]
		if w.span.kind != "handler" || !captured || os.Getenv("POWERTOOLS_TRACER_CAPTURE_RESPONSE") == "" || ok && capture {
			return false
		}
		delete(own, c.responseKey())
		w.tidy()
		return true
	}},
	{"no-trace", "a header without root, parent or decision means no trace", func(c *testCase) bool {
		if c.traced() || len(c.want) == 0 {
			return false
		}
		c.want = nil
		return true
	}, nil},
	{"header-as-it-came", "the trace header of an invocation that is not recorded is passed on as it came", func(c *testCase) bool {
		touched := false
		for i := range min(len(c.wantSent), len(c.sent)) {
			if came := os.Getenv("_X_AMZN_TRACE_ID"); !c.traced() && c.sent[i] == came && c.wantSent[i] != came {
				c.wantSent[i], touched = came, true
			}
		}
		return touched
	}, nil},
	{"lineage", "what Lambda counts recursion by is passed on", func(c *testCase) bool {
		touched := false
		for i := range min(len(c.wantSent), len(c.sent)) {
			if _, extra, _ := strings.Cut(os.Getenv("_X_AMZN_TRACE_ID"), ";Sampled=1;"); extra != "" && !strings.HasSuffix(c.wantSent[i], ";"+extra) {
				c.sent[i], touched = strings.TrimSuffix(c.sent[i], ";"+extra), true
			}
		}
		return touched
	}, nil},
	{"inside", "spans are made inside invocations, below the handler span that each has", func(c *testCase) bool {
		parents := map[any]any{}
		n := len(c.got)
		c.got = slices.DeleteFunc(c.got, func(d *document) bool {
			outer := d.span != nil && d.span.kind == "outer"
			if outer {
				parents[d.m["id"]] = d.m["parent_id"]
			}
			return outer
		})
		for _, d := range c.got {
			if parent := parents[d.m["parent_id"]]; parent != nil {
				d.m["parent_id"] = parent
			}
		}
		return len(c.got) < n
	}, nil},
	{"lost", "upstream loses documents that are too large, or that have values that it cannot encode", func(c *testCase) bool {
		n := len(c.got)
		c.got = slices.DeleteFunc(c.got, func(d *document) bool {
			if d.span == nil || slices.ContainsFunc(c.want, func(w *document) bool { return w.span == d.span }) {
				return false
			}
			size, foreign := 0, false
			for _, m := range d.span.metadata {
				size += m.size
				foreign = foreign || m.foreign
				if m.size > 16384 {
					c.need("has values that are too long")
				}
			}
			return size > 60_000 || foreign
		})
		return len(c.got) < n
	}, nil},
	{"null", "null stays null, and is what a function without a result answers", func(c *testCase) bool {
		touched := false
		for _, d := range c.got {
			if d.span == nil || d.span.kind != "handler" || d.span.response != "null" || d.span.has(c.responseKey()) {
				continue
			}
			for name := range d.object("metadata") {
				if v, ok := d.namespace(name)[c.responseKey()]; ok && v == nil {
					delete(d.namespace(name), c.responseKey())
					touched = true
				}
			}
			d.tidy()
		}
		return touched
	}, func(c *testCase, w *document) bool {
		return w.eachMetadata(c, func(m metadata, v any) any {
			if m.value == nil && v == "" {
				return nil
			}
			return v
		})
	}},
	{"links", "the senders of an SQS batch become links", func(c *testCase) bool {
		touched := false
		for _, d := range c.got {
			if _, ok := d.namespace("default")["otel.links"]; ok {
				delete(d.namespace("default"), "otel.links")
				d.tidy()
				touched = true
			}
		}
		return touched
	}, nil},

	{"no-service", "without a service there is no such annotation, and the namespace is default", nil, func(c *testCase, w *document) bool {
		if c.service != "" {
			return false
		}
		_, annotated := w.object("annotations")["Service"]
		delete(w.object("annotations"), "Service")
		own := w.namespace("service_undefined")
		if own != nil {
			if w.namespace("default") == nil {
				w.object("metadata")["default"] = map[string]any{}
			}
			maps.Copy(w.namespace("default"), own)
			delete(w.object("metadata"), "service_undefined")
		}
		w.tidy()
		return annotated || own != nil
	}},
	{"cold-start", "an unknown type of initialization is on demand, and an invocation is cold however often one asks", nil, func(c *testCase, w *document) bool {
		cold, ok := w.object("annotations")["ColdStart"]
		if !ok || cold == w.span.cold || os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE") != "" && !w.span.again {
			return false
		}
		w.object("annotations")["ColdStart"] = w.span.cold
		return true
	}},
	{"handler-name", "where _HANDLER says nothing, the handler has the name of the function", nil, func(c *testCase, w *document) bool {
		handler := strings.TrimSpace(os.Getenv("_HANDLER"))
		if handler == "" || handler == "bootstrap" {
			handler = cmp.Or(os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), "handler")
		}
		if w.span.kind != "handler" || w.m["name"] != w.span.name || w.span.name == "## "+handler {
			return false
		}
		w.m["name"] = "## " + handler
		own := w.namespace(c.namespace())
		if v, ok := own[c.responseKey()]; ok {
			delete(own, c.responseKey())
			own[handler+" response"] = v
		}
		return true
	}},
	{"names", "names have the characters that X-Ray documents, and 200 of them", nil, func(_ *testCase, w *document) bool {
		var name []rune
		for _, r := range fmt.Sprint(w.m["name"]) {
			switch {
			case unicode.IsSpace(r):
				name = append(name, ' ')
			case unicode.IsLetter(r), unicode.IsNumber(r), strings.ContainsRune(`_.:/%&#=+\-@`, r):
				name = append(name, r)
			}
		}
		text := cmp.Or(string(name[:min(len(name), 200)]), "span")
		touched := w.m["name"] != text
		w.m["name"] = text
		return touched
	}},
	{"annotation-kinds", "annotations are texts, numbers and booleans", nil, func(_ *testCase, w *document) bool {
		n := len(w.object("annotations"))
		maps.DeleteFunc(w.object("annotations"), func(_ string, v any) bool {
			switch v.(type) {
			case string, float64, bool:
				return false
			}
			return true
		})
		return len(w.object("annotations")) < n
	}},
	{"annotation-limits", "an annotation has at most 1,000 characters, a document 50 annotations", nil, func(c *testCase, w *document) bool {
		touched := false
		for key, v := range w.object("annotations") {
			if text, ok := v.(string); ok && len([]rune(text)) > 1000 {
				w.object("annotations")[key] = string([]rune(text)[:1000-len("...[cut]")]) + "...[cut]"
				touched = true
			}
		}
		seen := map[string]bool{}
		for _, key := range w.span.keys {
			_, ok := w.object("annotations")[key]
			if seen[key] = seen[key] || ok; len(seen) > 50 && ok {
				delete(w.object("annotations"), key)
				c.need("annotations of the span")
				touched = true
			}
		}
		return touched
	}},
	{"annotation-keys", "keys have the characters that X-Ray indexes; underscores take the place of others", nil, func(_ *testCase, w *document) bool {
		touched := false
		for _, key := range w.span.keys {
			v, ok := w.object("annotations")[key]
			if plain := regexp.MustCompile(`[^A-Za-z0-9_]`).ReplaceAllString(key, "_"); ok && plain != key {
				delete(w.object("annotations"), key)
				w.object("annotations")[plain] = v
				touched = true
			}
		}
		return touched
	}},
	{"values", "metadata are what encoding/json makes of Go's values", nil, func(c *testCase, w *document) bool {
		touched := false
		for _, m := range w.span.metadata {
			own := w.namespace(cmp.Or(m.namespace, c.namespace()))
			if _, ok := own[m.key]; ok && m.foreign {
				delete(own, m.key)
				touched = true
			}
		}
		w.tidy()
		return touched
	}},
	{"long-values", "of a long response or value the size is told: a document holds 64 kB", nil, func(c *testCase, w *document) bool {
		return w.eachMetadata(c, func(m metadata, v any) any {
			switch handler := m.key == c.responseKey() && w.span.kind == "handler"; {
			case handler && m.size > 8192:
				return fmt.Sprintf("[%d bytes left out]", m.size)
			case m.size > 16384:
				c.need("has values that are too long")
				return fmt.Sprintf("[%d bytes of JSON left out]", m.size)
			}
			return v
		})
	}},
	{"retries", "the first attempt is no retry", nil, func(_ *testCase, w *document) bool {
		n, ok := w.object("aws")["retries"].(float64)
		if !ok {
			return false
		}
		if w.object("aws")["retries"] = n - 1; n <= 1 {
			delete(w.object("aws"), "retries")
		}
		return true
	}},
}
