package deployment

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runAction runs the script of the action as a runner does. It returns what the script printed, the
// output of the function, and whether the step succeeded.
func runAction(t *testing.T, env ...string) (log, output string, ok bool) {
	t.Helper()
	temp := t.TempDir()
	variables := filepath.Join(temp, "variables")
	script, err := filepath.Abs(root + "/action/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), script)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=", "GOFLAGS=-buildvcs=false", "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+variables)
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	file, found := strings.CutPrefix(strings.TrimSpace(read(t, variables)), "output=")
	if !found {
		t.Fatalf("got no output of the step:\n%s", out)
	}
	return string(out), read(t, file), err == nil
}

func TestAction(t *testing.T) {
	t.Parallel()
	stale := filepath.Join(t.TempDir(), "stale.json")
	if err := os.WriteFile(stale, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		env    []string
		ok     bool
		log    string
		output string
	}{
		"success": {[]string{"FUNCTION=./examples/orders"}, true, "REPORT RequestId", `"message":"order accepted"`},
		"failure": {
			[]string{"FUNCTION=./examples/orders", "EVENTS=examples/orders/event.json\n  examples/orders/event-fails.json\n"},
			false, "::error title=lambdakit::./examples/orders: an invocation failed", `"level":"ERROR"`,
		},
		"flags":       {[]string{"FUNCTION=./examples/orders", "FLAGS=-n 2 -timeout 20s"}, true, "", `"message":"order answered before"`},
		"no function": {[]string{"FUNCTION=./nowhere"}, false, "nowhere", ""},
		"stale dashboard": {
			[]string{"FUNCTION=./examples/catalog", "CLOUDWATCH=" + stale}, false, stale + " is out of date", `"message":"HTTP request"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, output, ok := runAction(t, test.env...)
			if ok != test.ok || !strings.Contains(log, test.log) || !strings.Contains(output, test.output) {
				t.Errorf("got success %v, the log\n%s\nand the output\n%s\nwant success %v, %q and %q", ok, log, output, test.ok, test.log, test.output)
			}
		})
	}
}

// What a function writes is no command for the runner.
func TestAction_OutputIsNoCommand(t *testing.T) {
	t.Parallel()
	log, _, _ := runAction(t, "FUNCTION=./examples/catalog")
	start := strings.Index(log, "::stop-commands::")
	if start < 0 {
		t.Fatalf("got no stop-commands:\n%s", log)
	}
	stop, _, _ := strings.Cut(log[start+len("::stop-commands::"):], "\n")
	end := strings.Index(log, "\n::"+stop+"::\n")
	if len(stop) != 32 || end < strings.Index(log, `"message":"HTTP request"`) || strings.Contains(log[:start], "HTTP request") {
		t.Errorf("got the token %q and the log\n%s\nwant the function's output between", stop, log)
	}
}
