package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"unicode/utf8"
)

// simple compiles the keywords whose values hold no schemas.
func simple(keyword string, want any) (rule, error) {
	switch keyword {
	case "type":
		return kinds(want)
	case "required":
		return required(want)
	case "pattern":
		re, err := pattern(want)
		return func(v any, at string) []string {
			if text, ok := v.(string); ok && !re.MatchString(text) {
				return []string{fmt.Sprintf("%s %.60q does not match %.60s", at, text, want)}
			}
			return nil
		}, err
	case "const":
		return func(v any, at string) []string {
			if !reflect.DeepEqual(v, want) {
				return []string{fmt.Sprintf("%s is not %v", at, want)}
			}
			return nil
		}, nil
	case "enum":
		list, ok := want.([]any)
		if !ok {
			return nil, errKind
		}
		return func(v any, at string) []string {
			if !slices.ContainsFunc(list, func(x any) bool { return reflect.DeepEqual(v, x) }) {
				return []string{fmt.Sprintf("%s %.60v is none of %v", at, v, want)}
			}
			return nil
		}, nil
	}
	return limit(keyword, want)
}

// limit compiles the keywords that bound a number: that of a value, or a count.
func limit(keyword string, want any) (rule, error) {
	bound, isNumber := want.(float64)
	lower := keyword[:min(3, len(keyword))] == "min"
	beyond := func(n float64) bool { return lower && n < bound || !lower && n > bound }
	var problem func(v any) string // empty: none
	switch keyword {
	case "minimum", "maximum":
		problem = func(v any) string {
			if n, ok := v.(float64); ok && beyond(n) {
				return fmt.Sprintf("is %v, beyond %v", n, bound)
			}
			return ""
		}
	case "minLength", "maxLength":
		problem = func(v any) string {
			text, ok := v.(string)
			switch {
			case !ok || !beyond(float64(utf8.RuneCountInString(text))):
				return ""
			case lower:
				return fmt.Sprintf("is shorter than %v", bound)
			}
			return fmt.Sprintf("is longer than %v", bound)
		}
	case "minItems", "maxItems":
		problem = func(v any) string {
			if array, ok := v.([]any); ok && beyond(float64(len(array))) {
				return fmt.Sprintf("has %d items", len(array))
			}
			return ""
		}
	case "minProperties", "maxProperties":
		problem = func(v any) string {
			if object, ok := v.(map[string]any); ok && beyond(float64(len(object))) {
				return fmt.Sprintf("has %d members", len(object))
			}
			return ""
		}
	default:
		return nil, errUnknown
	}
	if !isNumber {
		return nil, errKind
	}
	return func(v any, at string) []string {
		if p := problem(v); p != "" {
			return []string{at + " " + p}
		}
		return nil
	}, nil
}

func kinds(want any) (rule, error) {
	list, ok := want.([]any)
	if !ok {
		list = []any{want}
	}
	for _, kind := range list {
		if !slices.Contains([]any{"object", "array", "string", "boolean", "number", "integer", "null"}, kind) {
			return nil, fmt.Errorf("%v is no type", kind)
		}
	}
	return func(v any, at string) []string {
		for _, kind := range list {
			if isKind(v, kind.(string)) {
				return nil
			}
		}
		return []string{fmt.Sprintf("%s is no %v", at, want)}
	}, nil
}

func isKind(v any, want string) bool {
	switch v := v.(type) {
	case map[string]any:
		return want == "object"
	case []any:
		return want == "array"
	case string:
		return want == "string"
	case bool:
		return want == "boolean"
	case json.Number: // that no float64 holds
		return want == "number"
	case float64:
		return want == "number" || want == "integer" && v == math.Trunc(v)
	}
	return want == "null"
}

func required(want any) (rule, error) {
	list, ok := want.([]any)
	if !ok {
		return nil, errKind
	}
	var names []string
	for _, x := range list {
		name, ok := x.(string)
		if !ok {
			return nil, errKind
		}
		names = append(names, name)
	}
	return func(v any, at string) (problems []string) {
		object, ok := v.(map[string]any)
		for _, name := range names {
			if _, has := object[name]; ok && !has {
				problems = append(problems, fmt.Sprintf("%s has no %s", at, name))
			}
		}
		return problems
	}, nil
}
