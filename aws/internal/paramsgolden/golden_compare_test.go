package paramsgolden

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/params"
)

var (
	pythonCode  = regexp.MustCompile(`An error occurred \((\w+)\)`)
	failedNames = regexp.MustCompile(`^Failed to fetch parameters: \[?(.*?)\]?$`)
)

// code returns the error code of AWS that is behind a failure.
func (f *failure) code() string {
	if m := pythonCode.FindStringSubmatch(f.Message); m != nil {
		return m[1]
	}
	if f.Cause != nil && f.Cause.Name != "Error" && f.Cause.Name != "TypeError" {
		return f.Cause.Name
	}
	return ""
}

// checkError compares errors by what they are: names and texts are upstream's own.
func (c *goldenCase) checkError(s *stepRun) {
	c.rule("kinds")
	f := s.wantErr
	if s.err == nil {
		c.t.Errorf("it does not fail, but has the result %#v; want %s: %s", s.got, f.Name, f.Message)
		return
	}
	is := func(kind error) {
		if !errors.Is(s.err, kind) {
			c.t.Errorf("the error %q is not %q, want %s: %s", s.err, kind, f.Name, f.Message)
		}
	}
	code := f.code()
	switch {
	case f.any:
	case f.Name == "TransformParameterError":
		var decode *params.DecodeError
		if !errors.As(s.err, &decode) {
			c.t.Errorf("the error %q is no DecodeError, want %s", s.err, f.Message)
		}
	case f.Name == "ParameterNotFoundError":
		is(params.ErrNotFound)
	case failedNames.MatchString(f.Message):
		is(params.ErrNotFound)
		for name := range strings.SplitSeq(failedNames.FindStringSubmatch(f.Message)[1], ", ") {
			if name = strings.Trim(name, "'"); !strings.Contains(s.err.Error(), fmt.Sprintf("%q", name)) {
				c.t.Errorf("the error %q does not tell of %s", s.err, name)
			}
		}
	case code != "":
		var api smithy.APIError
		if !errors.As(s.err, &api) || api.ErrorCode() != code {
			c.t.Errorf("the error %q is not of the code %s", s.err, code)
		}
		switch code {
		case "ParameterNotFound", "ResourceNotFoundException":
			if c.Given.Provider == "dynamodb" { // the table is missing, which is no parameter
				if errors.Is(s.err, params.ErrNotFound) {
					c.t.Errorf("the error %q is %q", s.err, params.ErrNotFound)
				}
				break
			}
			is(params.ErrNotFound)
		case "AccessDeniedException":
			is(params.ErrAccessDenied)
		case "ThrottlingException":
			is(params.ErrThrottled)
		}
	case strings.Contains(f.Message, "not implemented"), f.Name == "NotImplementedError":
		is(params.ErrUnsupported)
	default:
		c.t.Errorf("it fails with %q; this test does not know %s: %s", s.err, f.Name, f.Message)
	}
}

// replaced matches what stands for bytes that are no UTF-8; decoders differ in how many.
var replaced = regexp.MustCompile("\uFFFD+")

// differ returns how a result differs from the one that is wanted.
func (c *goldenCase) differ(want, got any) string {
	if isUndefined(want) {
		want = nil
	}
	if _, ok := got.(undefined); ok {
		got = nil
	}
	if b, ok := taggedBytes(want); ok {
		switch got := got.(type) {
		case []byte:
			want, got = string(b), []byte(got)
			if want == string(got) {
				return ""
			}
		case string:
			if got == string(b) {
				c.rule("bytes")
				return ""
			}
		}
		return "other bytes"
	}
	switch g := got.(type) {
	case []byte: // as a text, where upstream makes one of them
		w, ok := want.(string)
		text := strings.ToValidUTF8(string(g), "\uFFFD")
		if !ok || c.Lang != "ts" || replaced.ReplaceAllString(w, "\uFFFD") != replaced.ReplaceAllString(text, "\uFFFD") {
			return fmt.Sprintf("%q is not %v", g, want)
		}
		return ""
	case map[string]any:
		w, ok := want.(map[string]any)
		if !ok {
			return fmt.Sprintf("a map is not %v", want)
		}
		for name := range w {
			if _, ok := g[name]; !ok {
				return "no " + name
			}
		}
		for name := range g {
			v, ok := w[name]
			if !ok {
				return name + " should not be there"
			}
			if why := c.differ(v, g[name]); why != "" {
				return name + ": " + why
			}
		}
		return ""
	case string:
		_, number := want.(float64)
		_, boolean := want.(bool)
		var v any
		if (number || boolean) && c.Given.Provider == "dynamodb" && json.Unmarshal([]byte(g), &v) == nil {
			c.rule("texts")
			got = v
		}
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%#v is not %#v", got, want)
	}
	return ""
}
