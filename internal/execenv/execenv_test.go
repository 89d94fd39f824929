package execenv

import "testing"

func TestFromVariables(t *testing.T) {
	for _, c := range []struct {
		name, memory, init, api string
		wantMemory              int
		onDemand, runtime       bool
	}{
		{name: "nothing", onDemand: true},
		{name: "on demand", memory: "512", init: "on-demand", api: "127.0.0.1:9001", wantMemory: 512, onDemand: true, runtime: true},
		{name: "provisioned", memory: "128", init: "provisioned-concurrency", api: "x", wantMemory: 128, runtime: true},
		{name: "odd memory", memory: "-1", onDemand: true},
		{name: "no number", memory: "much", onDemand: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
			t.Setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
			t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", c.memory)
			t.Setenv("AWS_LAMBDA_INITIALIZATION_TYPE", c.init)
			t.Setenv("AWS_LAMBDA_RUNTIME_API", c.api)
			e := fromVariables()
			if e.FunctionName != "orders" || e.FunctionVersion != "7" || e.MemoryMB != c.wantMemory || e.OnDemand != c.onDemand || e.Runtime != c.runtime {
				t.Errorf("got %+v, want %+v of the version 7 of orders", e, c)
			}
		})
	}
}

func TestEnvironment_ColdStartIsTrueOnce(t *testing.T) {
	t.Parallel()
	for onDemand, want := range map[bool][3]bool{true: {true, false, false}, false: {}} {
		e := &Environment{OnDemand: onDemand}
		if got := [3]bool{e.ColdStart(), e.ColdStart(), e.ColdStart()}; got != want {
			t.Errorf("on demand %v: got %v, want %v", onDemand, got, want)
		}
	}
}

func TestFromContext(t *testing.T) {
	t.Parallel()
	e := new(Environment)
	if got := FromContext(NewContext(t.Context(), e)); got != e {
		t.Errorf("got %p, want %p", got, e)
	}
	if got := FromContext(t.Context()); got != Process {
		t.Errorf("without one: got %p, want the environment of the process, %p", got, Process)
	}
}

// The test is not parallel: it changes a variable of the package.
func TestEnvironment_Local(t *testing.T) {
	old := local
	t.Cleanup(func() { local = old })
	for _, inRun := range []bool{false, true} {
		local = inRun
		if got := Process.Local(); got != inRun {
			t.Errorf("in lambdakit run %v: got %v for the process", inRun, got)
		}
		if !new(Environment).Local() {
			t.Errorf("in lambdakit run %v: got false for a test harness, want true", inRun)
		}
	}
}

func TestLogsJSON(t *testing.T) {
	for value, want := range map[string]bool{"JSON": true, "json": true, "Text": false, "": false} {
		t.Setenv("AWS_LAMBDA_LOG_FORMAT", value)
		if got := LogsJSON(); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}
