package paramsgolden

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// each calls f for the wanted requests of an operation, and reports whether one returned
// true.
func (s *stepRun) each(op string, f func(in map[string]any) bool) bool {
	touched := false
	for _, r := range s.wantRequests {
		if r.op == op && f(r.input) {
			touched = true
		}
	}
	return touched
}

// remove deletes a field of wanted requests.
func (s *stepRun) remove(op string, fields ...string) bool {
	return s.each(op, func(in map[string]any) bool {
		n := len(in)
		maps.DeleteFunc(in, func(name string, _ any) bool { return slices.Contains(fields, name) })
		return len(in) < n
	})
}

// requestRules rewrite requests.
var requestRules = []goldenRule{
	{"always-sent", "WithDecryption and Recursive are sent always, not left to the service", func(_ *goldenCase, s *stepRun) bool {
		touched := false
		for _, op := range []string{"GetParameter", "GetParameters", "GetParametersByPath"} {
			for _, field := range []string{"WithDecryption", "Recursive"} {
				touched = s.each(op, func(in map[string]any) bool {
					if _, ok := in[field]; ok || field == "Recursive" && op != "GetParametersByPath" {
						return false
					}
					in[field] = false
					return true
				}) || touched
			}
		}
		return touched
	}},
	{"tier", "a tier that the program does not name is left to the service", func(_ *goldenCase, s *stepRun) bool {
		return !s.given["tier"] && s.remove("PutParameter", "Tier")
	}},
	{"type-kept", "a parameter that is overwritten keeps its type, unless the program names one", func(_ *goldenCase, s *stepRun) bool {
		return !s.given["parametertype"] && s.given["overwrite"] && s.asks[0].overwrite && s.remove("PutParameter", "Type")
	}},
	{"request-token", "the SDK makes the token of a write", func(_ *goldenCase, s *stepRun) bool {
		touched := false
		for _, r := range s.gotRequests {
			if _, ok := r.input["ClientRequestToken"]; ok {
				delete(r.input, "ClientRequestToken")
				touched = true
			}
		}
		s.remove("PutSecretValue", "ClientRequestToken")
		s.remove("CreateSecret", "ClientRequestToken")
		return touched
	}},
	{"json-spaces", "the program writes the JSON of an object, with encoding/json", func(_ *goldenCase, s *stepRun) bool {
		touched := false
		for _, r := range slices.Concat(s.gotRequests, s.wantRequests) {
			var v any
			text, ok := r.input["SecretString"].(string)
			if ok && s.object && json.Unmarshal([]byte(text), &v) == nil {
				r.input["SecretString"] = v
				touched = true
			}
		}
		return touched
	}},
	{"sdk-options", "what else a request may hold is for a client of the program's own", func(_ *goldenCase, s *stepRun) bool {
		touched := false
		for _, r := range s.wantRequests {
			if s.remove(r.op, otherFields...) {
				touched = true
			}
		}
		return touched
	}},
	{"tokens", "tokens are the service's; the test's own accepts each once, in turn", func(_ *goldenCase, s *stepRun) bool {
		for _, r := range slices.Concat(s.gotRequests, s.wantRequests) {
			for _, field := range []string{"ConfigurationToken", "NextToken", "ExclusiveStartKey"} {
				if _, ok := r.input[field]; ok {
					r.input[field] = "token"
				}
			}
		}
		return slices.ContainsFunc(s.wantRequests, func(r request) bool { return r.op == "GetLatestConfiguration" })
	}},
	{"projection", "of an item, the value alone is asked for", func(_ *goldenCase, s *stepRun) bool {
		bare := slices.ContainsFunc(s.wantRequests, func(r request) bool {
			return r.input["ProjectionExpression"] == nil && (r.op == "GetItem" || r.op == "Query")
		})
		if bare {
			for _, r := range s.gotRequests {
				r.input["KeyConditionExpression"] = resolve(r.input["KeyConditionExpression"], r.input["ExpressionAttributeNames"])
				delete(r.input, "ProjectionExpression")
			}
		}
		return bare
	}},
	{"placeholders", "what placeholders of expressions are called does not matter", func(_ *goldenCase, s *stepRun) bool {
		touched := false
		for _, r := range slices.Concat(s.gotRequests, s.wantRequests) {
			if r.op != "GetItem" && r.op != "Query" {
				continue
			}
			for _, field := range []string{"ProjectionExpression", "KeyConditionExpression"} {
				if text, ok := r.input[field].(string); ok {
					text = resolve(text, r.input["ExpressionAttributeNames"])
					if field == "ProjectionExpression" {
						parts := strings.Split(text, ", ")
						slices.Sort(parts)
						text = strings.Join(parts, ", ")
					}
					r.input[field] = text
					touched = true
				}
			}
			delete(r.input, "ExpressionAttributeNames")
		}
		return touched
	}},
	{"batches", "names are fetched together where they are asked for in the same way, ten at a time, a single one by GetParameter", func(c *goldenCase, s *stepRun) bool {
		if s.op != "names" {
			return false
		}
		calls := len(s.gotRequests)
		shape := shapes(s.wantRequests) != shapes(s.gotRequests)
		s.gotRequests, s.wantRequests = single(s.gotRequests), single(s.wantRequests)
		perWay := map[bool]int{}
		for _, r := range s.gotRequests {
			perWay[r.input["WithDecryption"] == true]++
		}
		least := 0
		for _, n := range perWay {
			least += (n + 9) / 10
		}
		ages := map[float64]bool{}
		for _, a := range s.asks {
			if a.age != nil {
				ages[*a.age] = true
			}
		}
		if len(ages) == 0 && calls > least {
			c.t.Errorf("%d names are fetched in %d requests", len(s.gotRequests), calls)
		}
		return shape
	}},
}

// single takes requests for several parameters apart.
func single(rs []request) []request {
	var all []request
	for _, r := range rs {
		names, ok := r.input["Names"].([]any)
		if !ok {
			all = append(all, r)
			continue
		}
		for _, name := range names {
			in := maps.Clone(r.input)
			delete(in, "Names")
			in["Name"] = name
			all = append(all, request{"GetParameter", in})
		}
	}
	slices.SortFunc(all, func(a, b request) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// shapes returns which requests there are, whatever the order of their names.
func shapes(rs []request) string {
	var all []string
	for _, r := range rs {
		r.input = maps.Clone(r.input)
		if names, ok := r.input["Names"].([]any); ok {
			names = slices.Clone(names)
			slices.SortFunc(names, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			r.input["Names"] = names
		}
		all = append(all, r.String())
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// asked returns the requests for one parameter of a step.
func asked(rs []request, a ask, s *stepRun) []request {
	if s.op != "names" {
		return rs
	}
	return slices.DeleteFunc(slices.Clone(rs), func(r request) bool { return r.input["Name"] != a.name })
}

// cached applies to each ask of a step what fetches it upstream or here, and not in both.
// It reports whether that, for the reason that why finds, is so.
func cached(c *goldenCase, s *stepRun, extra bool, why func(a ask, k known, was bool, age time.Duration) bool) bool {
	touched := false
	for _, a := range s.asks {
		got, want := asked(s.gotRequests, a, s), asked(s.wantRequests, a, s)
		if a.put || (len(got) > 0) == (len(want) > 0) || (len(got) > 0) != extra {
			continue
		}
		k, was := c.known[a.key()]
		if !why(a, k, was, c.now.Sub(k.at)) {
			continue
		}
		touched = true
		if extra {
			s.wantRequests = append(s.wantRequests, c.like(s, a, got)...)
			continue
		}
		s.wantRequests = slices.DeleteFunc(s.wantRequests, func(r request) bool {
			return slices.ContainsFunc(want, func(w request) bool { return w.String() == r.String() })
		})
	}
	if touched && s.op == "names" {
		s.wantRequests = single(s.wantRequests)
	}
	return touched
}

// like returns the requests that fetched a before, in an earlier step, or those of now
// where none did.
func (c *goldenCase) like(s *stepRun, a ask, got []request) []request {
	for _, earlier := range slices.Backward(c.done) {
		for _, b := range earlier.asks {
			if rs := asked(earlier.gotRequests, b, earlier); b.key() == a.key() && len(rs) > 0 && c.Given.Provider != "appconfig" {
				return rs
			}
		}
	}
	return got
}

// cacheRules explain why a parameter is fetched upstream and not here, or the other way.
var cacheRules = []goldenRule{
	{"miss-kept", "that there is no such parameter is remembered for ten seconds", func(c *goldenCase, s *stepRun) bool {
		return cached(c, s, false, func(a ask, k known, was bool, age time.Duration) bool {
			return was && k.missing && !a.fresh && (a.age == nil || *a.age > 0) && age < notFoundAge
		})
	}},
	{"one-value", "a value is cached as it was fetched, also one that is empty, null or does not decode, and whatever it is decoded to", func(c *goldenCase, s *stepRun) bool {
		return cached(c, s, false, func(a ask, k known, was bool, age time.Duration) bool {
			limit := c.maxAge()
			if a.age != nil {
				limit = time.Duration(*a.age * float64(time.Second))
			}
			return was && !k.missing && !a.fresh && age < limit
		})
	}},
	{"jitter", "values expire up to a tenth of their age earlier", func(c *goldenCase, s *stepRun) bool {
		return cached(c, s, true, func(a ask, k known, was bool, age time.Duration) bool {
			return was && a.age == nil && age < c.maxAge() && age >= c.maxAge()*9/10
		})
	}},
	{"reader-age", "an age is that of the call that reads, not of the one that fetched; none means that it is fetched", func(c *goldenCase, s *stepRun) bool {
		return cached(c, s, true, func(a ask, k known, was bool, age time.Duration) bool {
			return was && (a.age != nil && age.Seconds() >= *a.age || a.age == nil && age >= c.maxAge())
		})
	}},
	{"other-source", "what changes a value makes another Source, or another name, with a cache of its own", func(c *goldenCase, s *stepRun) bool {
		return cached(c, s, true, func(a ask, _ known, was bool, _ time.Duration) bool {
			return !was && (len(c.caches) > 1 || strings.Contains(a.name, "#"))
		})
	}},
	{"force-swapped", "upstream for Python mistakes force_fetch for raise_on_transform_error", func(c *goldenCase, s *stepRun) bool {
		if c.Lang != "python" || s.op != "path" || !s.asks[0].fresh {
			return false
		}
		touched := cached(c, s, true, func(_ ask, _ known, was bool, _ time.Duration) bool { return was })
		if s.wantErr != nil && s.wantErr.Name == "TransformParameterError" && !s.strict {
			s.wantErr, s.want, c.skip, touched = nil, skipped{}, "force-swapped", true
		}
		return touched
	}},
	{"session-age", "a session is replaced 23 hours and 45 minutes after its start", func(c *goldenCase, s *stepRun) bool {
		start := func(rs []request) int {
			return slices.IndexFunc(rs, func(r request) bool { return r.op == "StartConfigurationSession" })
		}
		touched := false
		if i := start(s.gotRequests); i >= 0 {
			if start(s.wantRequests) < 0 && len(s.wantRequests) > 0 && c.now.Sub(c.started) >= sessionAge {
				s.wantRequests = slices.Insert(s.wantRequests, 0, s.gotRequests[i])
				touched = true
			}
			c.started = c.now
		}
		return touched
	}},
}
