package paramsgolden

import (
	"encoding/base64"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

// goldenRule is one deliberate difference. One without a function is applied by the
// interpreter, which names it where it does so.
type goldenRule struct {
	id, reason string
	step       func(c *goldenCase, s *stepRun) bool // rewrites what is wanted
}

// goldenRules are applied in this order.
var goldenRules = slices.Concat([]goldenRule{
	{id: "decrypt-default", reason: "SecureStrings are decrypted unless a program or its environment says otherwise; the test says so"},
	{id: "default-age", reason: "values are kept for 5 minutes by default, as in Python, not for the 5 seconds of TypeScript, which the test sets"},
	{id: "own-decoder", reason: "an unknown transform does not compile; a decoder of the program's own takes its place, and fails as well"},
	{id: "path-texts", reason: "values below a path are texts, which the program decodes, and so decides what a bad one means"},
	{id: "beside", reason: "Many returns values beside errors, not under a name of their own among them"},
	{id: "kinds", reason: "errors are told apart by errors.Is and errors.As, not by upstream's names and texts"},
	{id: "bytes", reason: "a text holds the bytes of a binary value"},
	{id: "texts", reason: "a number or boolean of DynamoDB is its text; Int, Float, Bool and JSON decode it"},
	{id: "late", reason: "a missing application is an error of the first fetch"},
}, requestRules, cacheRules, valueRules)

// valueRules rewrite results.
var valueRules = []goldenRule{
	{"bad-age", "what is wrong with POWERTOOLS_PARAMETERS_MAX_AGE is told by New", func(c *goldenCase, s *stepRun) bool {
		text := strings.TrimSpace(os.Getenv("POWERTOOLS_PARAMETERS_MAX_AGE"))
		if text == "" || s.op == "clear" || s.wantErr != nil {
			return false
		}
		if _, err := params.New(params.Environment{}, nil); err == nil {
			return false
		}
		s.fails(nil)
		s.wantRequests = nil
		return true
	}},
	{"service", "there is no application called service_undefined: a missing one is an error", func(c *goldenCase, s *stepRun) bool {
		_, given := c.Given.ProviderOptions["application"]
		if c.Given.Provider != "appconfig" || given || os.Getenv("POWERTOOLS_SERVICE_NAME") != "" || c.Want.Error != nil {
			return false
		}
		s.fails(nil)
		s.wantRequests = nil
		return true
	}},
	{"errors-key", "no name of a parameter is reserved", func(c *goldenCase, s *stepRun) bool {
		if s.op != "names" || s.wantErr == nil || !slices.ContainsFunc(s.asks, func(a ask) bool { return a.name == "_errors" }) {
			return false
		}
		s.wantErr, s.want = nil, skipped{}
		c.skip = "errors-key"
		return true
	}},
	{"raise-swapped", "upstream for Python mistakes raise_on_transform_error for force_fetch", func(c *goldenCase, s *stepRun) bool {
		w, ok := s.want.(map[string]any)
		if c.Lang != "python" || s.op != "path" || s.wantErr != nil || !ok {
			return false
		}
		for name, v := range w {
			a := ask{name: name, transform: s.asks[0].transform}
			if text, _ := c.backend.Parameters[strings.TrimSuffix(s.asks[0].name, "/")+"/"+name].(string); s.strict && v == nil && text != "null" && c.transformOf(a) != "" {
				s.wantErr = &failure{Name: "TransformParameterError"}
				return true
			}
		}
		return false
	}},
	{"not-found", "that there is no such parameter is an error, ErrNotFound", func(c *goldenCase, s *stepRun) bool {
		if c.Given.Provider != "dynamodb" || s.op != "get" || c.backend.Fail != nil || c.item(s.asks[0].name) != nil {
			return false
		}
		if s.wantErr != nil && s.wantErr.Name == "ParameterNotFoundError" {
			return false
		}
		s.fails(&failure{Name: "ParameterNotFoundError"})
		return true
	}},
	{"no-text", "an item without a value, or with one that is no text, number, binary or boolean, is an error", func(c *goldenCase, s *stepRun) bool {
		decoded := s.wantErr == nil || s.wantErr.Name == "TransformParameterError"
		if c.Given.Provider != "dynamodb" || c.backend.Fail != nil || !decoded || len(s.asks) == 0 {
			return false
		}
		bad := func(item map[string]map[string]any) bool {
			v := item[c.attr("value", "valueAttr", "value_attr")]
			return len(v) != 1 || v["S"] == nil && v["N"] == nil && v["B"] == nil && v["BOOL"] == nil
		}
		for _, item := range c.backend.Items {
			if item[c.attr("id", "keyAttr", "key_attr")]["S"] == s.asks[0].name && bad(item) {
				s.fails(nil)
				return true
			}
		}
		return false
	}},
	{"empty", "an empty text is a value", func(c *goldenCase, s *stepRun) bool {
		if s.op != "get" || s.wantErr != nil || c.textOf(s.asks[0]) != "" || s.want != nil && !isUndefined(s.want) {
			return false
		}
		switch c.transformOf(s.asks[0]) {
		case "json":
			s.fails(&failure{Name: "TransformParameterError"})
		default:
			s.want = ""
		}
		return true
	}},
	{"strict-base64", "base64 with anything else in it, or without its padding, is none", func(c *goldenCase, s *stepRun) bool {
		if s.op != "get" || s.wantErr != nil || c.transformOf(s.asks[0]) != "binary" {
			return false
		}
		if _, err := base64.StdEncoding.DecodeString(strings.TrimSpace(c.textOf(s.asks[0]))); err == nil {
			return false
		}
		s.fails(&failure{Name: "TransformParameterError"})
		return true
	}},
	{"put-result", "Put returns nothing but its error; what the service calls the version is the Value's", func(_ *goldenCase, s *stepRun) bool {
		if s.op != "put" || s.wantErr != nil {
			return false
		}
		switch w := s.want.(type) {
		case map[string]any:
			s.want = w["Version"]
			if w["VersionId"] != nil {
				s.want = w["VersionId"]
			}
		}
		switch n := s.want.(type) {
		case float64:
			s.want = number(n)
		case nil:
			s.want = s.got
		}
		if isUndefined(s.want) {
			s.want = s.got
		}
		return true
	}},
}

// fails makes the step one that is wanted to fail; nil: in whatever way.
func (s *stepRun) fails(f *failure) {
	if f == nil {
		f = &failure{any: true}
	}
	s.wantErr, s.want = f, nil
}

// textOf returns the text that a parameter has, as far as the case says.
func (c *goldenCase) textOf(a ask) string {
	switch c.Given.Provider {
	case "ssm":
		text, _ := c.backend.parameter(a.name)["Value"].(string)
		return text
	case "secrets":
		name, _, _ := strings.Cut(a.name, "#")
		if text, ok := c.backend.Secrets[name]["SecretString"].(string); ok {
			return text
		}
		v := c.backend.Secrets[name]["SecretBinary"]
		if b, ok := taggedBytes(v); ok {
			return string(b)
		}
		text, _ := v.(string)
		b, _ := base64.StdEncoding.DecodeString(text)
		return string(b)
	case "appconfig":
		return c.backend.published
	}
	v := c.item(a.name)[c.attr("value", "valueAttr", "value_attr")]
	for _, text := range slices.Collect(maps.Values(v)) {
		if text, ok := text.(string); ok {
			return text
		}
	}
	return ""
}

func (c *goldenCase) attr(fallback string, names ...string) string {
	for _, name := range names {
		if v, ok := c.Given.ProviderOptions[name].(string); ok {
			return v
		}
	}
	return fallback
}

// item returns the first item of a key.
func (c *goldenCase) item(key string) map[string]map[string]any {
	for _, item := range c.backend.Items {
		if item[c.attr("id", "keyAttr", "key_attr")]["S"] == key {
			return item
		}
	}
	return nil
}

// remember notes what the Caches keep of a step.
func (c *goldenCase) remember(s *stepRun) {
	for _, a := range s.asks {
		if len(asked(s.gotRequests, a, s)) == 0 || a.put {
			continue
		}
		missing := s.err != nil && errors.Is(s.err, params.ErrNotFound)
		if s.op == "names" {
			missing = c.backend.parameter(a.name) == nil
		}
		var decode *params.DecodeError
		if s.err == nil || missing || errors.As(s.err, &decode) || s.op == "names" && c.backend.Fail == nil {
			c.known[a.key()] = known{c.now, missing}
		}
	}
}

const (
	notFoundAge = 10 * time.Second
	sessionAge  = 23*time.Hour + 45*time.Minute
)
