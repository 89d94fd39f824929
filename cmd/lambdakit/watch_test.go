package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/viewer"
)

// answering is a function without dependencies that answers with a text.
const answering = `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

const answer = %q

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			os.Exit(1)
		}
		io.Copy(io.Discard, next.Body)
		fmt.Println("a line")
		http.Post(api+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", strings.NewReader(` + "`\"`+answer+`\"`" + `))
	}
}
`

// writeFunction writes the source of a function in a module of its own.
func writeFunction(t *testing.T, dir, source string) {
	t.Helper()
	for name, text := range map[string]string{"go.mod": "module watched\n\ngo 1.26.0\n", "event.json": "{}", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWatch_BuildsAgainAfterAChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFunction(t, dir, fmt.Sprintf(answering, "first"))
	p := view(t, build, "-timeout", "1m", "-watch", "-resend", dir)
	has := func(state string, response string) func(viewer.State, []viewer.Summary) bool {
		return func(s viewer.State, list []viewer.Summary) bool {
			if s.State != state || len(list) == 0 || list[len(list)-1].Outcome != viewer.InvocationOK {
				return false
			}
			var inv viewer.Invocation
			p.api("GET", "/api/invocations/"+list[len(list)-1].ID, "", &inv)
			return inv.Response.Text == response
		}
	}
	p.until(has(viewer.Running, `"first"`))
	writeFunction(t, dir, "package main\n\nfunc main() { undefined() }\n")
	p.until(func(s viewer.State, _ []viewer.Summary) bool {
		return s.State == viewer.BuildFailed && strings.Contains(s.Message, "undefined: undefined")
	})
	if inv := p.wait(p.send("{}")); inv.Response.Text != `"first"` {
		t.Errorf("got %s, want an answer of the old process", inv.Response.Text)
	}
	writeFunction(t, dir, fmt.Sprintf(answering, "second"))
	p.until(has(viewer.Running, `"second"`))
	contains(t, p.errs.String(), "waiting for a change", "built in ")
}

func TestWatch_BeginsWithABrokenFunction(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFunction(t, dir, "package main\n\nfunc main() { undefined() }\n")
	p := view(t, build, "-timeout", "1m", "-watch", "-resend", dir)
	p.errs.find("waiting for a change")
	if status := p.api("POST", "/api/invocations", `{"event":"{}"}`, new(any)); status != 503 {
		t.Errorf("got %d for an event without a function, want 503", status)
	}
	writeFunction(t, dir, fmt.Sprintf(answering, "mended"))
	p.until(func(s viewer.State, list []viewer.Summary) bool {
		return s.State == viewer.Running && s.Built > 0 && len(list) == 1 && list[0].Outcome == viewer.InvocationOK
	})
}
