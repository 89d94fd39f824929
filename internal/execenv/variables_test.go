package execenv

import (
	"regexp"
	"testing"
)

func TestVariables_WhereTheProcessRuns(t *testing.T) {
	for _, c := range []struct {
		name, api, function, local, sam string
		isFunction, inLambda            bool
	}{
		{name: "a test"},
		{name: "Lambda", api: "127.0.0.1:9001", function: "orders", isFunction: true, inLambda: true},
		{name: "a runtime alone", api: "127.0.0.1:9001", isFunction: true, inLambda: true},
		{name: "a function name alone", function: "orders", isFunction: true},
		{name: "lambdakit run", api: "127.0.0.1:1", function: "orders", local: "true", isFunction: true},
		{name: "AWS SAM CLI", api: "127.0.0.1:1", function: "orders", sam: "true", isFunction: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("AWS_LAMBDA_RUNTIME_API", c.api)
			t.Setenv("AWS_LAMBDA_FUNCTION_NAME", c.function)
			t.Setenv(LocalVariable, c.local)
			t.Setenv("AWS_SAM_LOCAL", c.sam)
			if IsFunction() != c.isFunction || InLambda() != c.inLambda || InLocalRun() != (c.local != "") {
				t.Errorf("got function %v, Lambda %v and local run %v, want %v, %v and %v",
					IsFunction(), InLambda(), InLocalRun(), c.isFunction, c.inLambda, c.local != "")
			}
		})
	}
}

func TestNewRequestID(t *testing.T) {
	t.Parallel()
	id := NewRequestID()
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("got %s, want a random UUID", id)
	}
	if other := NewRequestID(); other == id {
		t.Errorf("got %s twice, want two ids", id)
	}
}
