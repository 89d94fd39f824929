package paramsgolden

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/aws/secrets"
)

// stepRun is a step, what upstream made of it, and what this module makes of it.
type stepRun struct {
	op     string // get, path, names, put, clear
	asks   []ask
	text   string // to put
	object bool   // the text is the JSON of one
	strict bool   // what fails for one parameter fails the step
	given  map[string]bool

	want         any // the result
	wantErr      *failure
	wantRequests []request

	got         any
	err         error
	gotRequests []request
}

// failure is what a step threw upstream; one by our own rules has kinds alone.
type failure struct {
	Name, Message string
	Cause         *failure
	any           bool // no matter which
}

// option reads options by either language's names: maxAge and max_age.
func option(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "")
	return strings.ReplaceAll(name, "raiseon", "throwon")
}

// step takes a step of the case apart.
func (c *goldenCase) step(g goldenStep) *stepRun {
	s := &stepRun{given: map[string]bool{}, strict: true}
	ops := map[string]string{
		"get": "get", "getmultiple": "path", "getparametersbyname": "names",
		"set": "put", "setparameter": "put", "setsecret": "put", "clearcache": "clear", "clearcaches": "clear",
	}
	s.op = ops[option(g.Op)]
	args := slices.Clone(g.Args)
	switch {
	case s.op == "":
		c.unknown("the operation %q", g.Op)
	case s.op == "clear":
		return s
	case len(args) == 0:
		c.unknown("a step without a name")
	}
	options := map[string]any{}
	merge := func(v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.unknown("the argument %v", v)
		}
		for name, v := range m {
			options[name] = v
		}
	}
	rest := args[1:]
	if s.op == "put" && len(rest) > 0 && c.Lang != "ts" {
		options["value"], rest = rest[0], rest[1:]
	}
	for _, v := range rest {
		merge(v)
	}
	merge(anyMap(g.Kwargs))

	if s.op == "path" || s.op == "names" {
		s.strict = s.op == "names"
	}
	if s.op == "names" {
		all, ok := args[0].(map[string]any)
		if !ok || c.Given.Provider != "ssm" {
			c.unknown("parameters by name: %v", args[0])
		}
		for _, name := range c.order(all) {
			a := c.ask(s, name, options)
			if own, _ := all[name].(map[string]any); own != nil {
				c.options(s, &a, own)
			}
			c.defaults(&a)
			s.asks = append(s.asks, a)
		}
		return s
	}
	name, ok := args[0].(string)
	if !ok {
		c.unknown("the name %v", args[0])
	}
	a := c.ask(s, name, options)
	c.defaults(&a)
	s.asks = []ask{a}
	return s
}

func anyMap(m map[string]any) any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// order returns the names as upstream asks for them; it is that of the file, which maps do
// not keep, but which only the composition of batches shows.
func (c *goldenCase) order(all map[string]any) []string {
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *goldenCase) ask(s *stepRun, name string, options map[string]any) ask {
	a := ask{name: name, path: s.op == "path"}
	a.put = s.op == "put"
	c.options(s, &a, options)
	return a
}

// defaults says of what the step leaves open how it is upstream.
func (c *goldenCase) defaults(a *ask) {
	if c.Given.Provider == "ssm" && !a.put && a.decrypt == "" && os.Getenv("POWERTOOLS_PARAMETERS_SSM_DECRYPT") == "" {
		c.rule("decrypt-default")
		a.decrypt = "false"
	}
}

// options applies options to an ask. Those that upper-case letters begin are fields of the
// SDK's input.
func (c *goldenCase) options(s *stepRun, a *ask, options map[string]any) {
	decided := false // by an option, which wins over the SDK's field
	for name, v := range options {
		if v != nil && option(name) == "decrypt" {
			decided = true
		}
	}
	for name, v := range options {
		if v == nil {
			continue
		}
		s.given[option(name)] = true
		switch option(name) {
		case "transform":
			a.transform = fmt.Sprint(v)
		case "maxage":
			if n, ok := v.(float64); ok {
				a.age = &n
			} else {
				c.unknown("the age %v", v)
			}
		case "forcefetch":
			a.fresh = v == true
		case "decrypt":
			a.decrypt = fmt.Sprint(v == true)
		case "recursive":
			a.recursive = v == true
		case "throwonmissing": // an error in any case
		case "throwonerror", "throwontransformerror":
			s.strict = v == true
		case "value":
			s.text = c.putText(s, a, v)
		case "overwrite":
			a.overwrite = v == true
		case "parametertype":
			a.kind = fmt.Sprint(v)
		case "tier":
			a.tier = fmt.Sprint(v)
		case "description":
			a.about = fmt.Sprint(v)
		case "kmskeyid":
			a.kms = fmt.Sprint(v)
		case "clientrequesttoken":
		case "sdkoptions":
			m, _ := v.(map[string]any)
			if decided {
				delete(m, "WithDecryption")
			}
			c.options(s, a, m)
		case "withdecryption":
			if !decided {
				a.decrypt = fmt.Sprint(v == true)
			}
		case "versionid":
			a.name = secrets.Version(a.name, fmt.Sprint(v))
		case "versionstage":
			a.name = secrets.Stage(a.name, fmt.Sprint(v))
		case "requiredminimumpollintervalinseconds":
			n, _ := v.(float64)
			a.poll = int(n)
		case "consistentread":
			a.consistent = v == true
		default:
			switch {
			case slices.Contains(ownFields, name): // upstream ignores them
			case slices.Contains(otherFields, name):
			default:
				c.unknown("the option %s", name)
			}
		}
	}
}

// ownFields are those of the SDK's inputs that upstream sets itself, otherFields those that
// this module has no options for.
var (
	ownFields = []string{"Name", "Names", "Path", "SecretId", "TableName", "Key", "ProjectionExpression", "KeyConditionExpression",
		"ExpressionAttributeNames", "ExpressionAttributeValues", "ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier"}
	otherFields = []string{"MaxResults", "ParameterFilters", "Limit", "ReturnConsumedCapacity", "ScanIndexForward", "PageSize", "Tags", "Policies", "AllowedPattern", "DataType"}
)

// putText returns what is put as a text: objects as JSON, bytes as they are.
func (c *goldenCase) putText(s *stepRun, a *ask, v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	if b, ok := taggedBytes(v); ok {
		a.binary = true
		return string(b)
	}
	s.object = true
	text, _ := json.Marshal(v)
	return string(text)
}

func taggedBytes(v any) ([]byte, bool) {
	m, ok := v.(map[string]any)
	if text, isText := m["$bytes"].(string); ok && isText && len(m) == 1 {
		b, err := base64.StdEncoding.DecodeString(text)
		return b, err == nil
	}
	return nil, false
}

func isUndefined(v any) bool {
	m, ok := v.(map[string]any)
	return ok && len(m) == 1 && m["$undefined"] == true
}
