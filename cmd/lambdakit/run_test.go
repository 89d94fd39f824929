package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// command runs a command line with the function of testdata that is built once.
func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&cli{stdin, stdout, stderr, buildOnce}).command(ctx, args)
}

var built struct {
	sync.Once
	dir string // that TestMain removes
	f   *function
	err error
}

// buildOnce is build for many runs of testdata/function.
func buildOnce(ctx context.Context, pkg, tmp string, stderr io.Writer) (*function, error) {
	if pkg != "./testdata/function" {
		return build(ctx, pkg, tmp, stderr)
	}
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "lambdakit-test-"); built.err == nil {
			built.f, built.err = build(context.WithoutCancel(ctx), pkg, built.dir, stderr)
		}
	})
	return built.f, built.err
}

func TestMain(m *testing.M) {
	if os.Getenv("LAMBDAKIT_TEST_MAIN") != "" {
		main()
	}
	status := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(status)
}

// buffer is a bytes.Buffer that may be written to and waited for.
type buffer struct {
	mu   sync.Mutex
	cond sync.Cond
	b    bytes.Buffer
}

func newBuffer() *buffer {
	b := new(buffer)
	b.cond.L = &b.mu
	return b
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cond.Broadcast()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// find waits until pattern matches, and returns its groups.
func (b *buffer) find(pattern string) []string {
	re := regexp.MustCompile(pattern)
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		if m := re.FindStringSubmatch(b.b.String()); m != nil {
			return m
		}
		b.cond.Wait()
	}
}

// lambdakitRun runs the command line on the test's function.
func lambdakitRun(t *testing.T, events []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	line := []string{"run", "-timeout", "1m"}
	for i, e := range events {
		file := filepath.Join(dir, fmt.Sprintf("event%d.json", i))
		if err := os.WriteFile(file, []byte(e), 0o600); err != nil {
			t.Fatal(err)
		}
		line = append(line, "-event", file)
	}
	out, errs := newBuffer(), newBuffer()
	status = command(t.Context(), append(append(line, args...), "./testdata/function"), strings.NewReader(`{"Text":"from stdin"}`), out, errs)
	return status, out.String(), errs.String()
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestRunShowsEverything(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"emf"}`, `{"Do":"trace"}`, `{"Do":"log"}`, `{"Text":"hello"}`}, "-event", "-")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	contains(t, out,
		`03:04:05.678 WARN  a library's line n=1 text="two words"`, "    stack:\n    f\n    \tg\n",
		"a plain line\n", "stderr: on standard error\n", "without an end",
		"metric  Shop  Orders  [1,2]  Count  {service=orders}  1 s\n",
		"trace  └─ ## handler      ██████████████████████████████   500.00 ms  {\"ColdStart\":true}\n",
		"trace     └─ charge card  ······██████··················   100.00 ms  remote  fault\n",
		"response to event3.json application/json\n  \"hello\"\n", "response to standard input application/json\n  \"from stdin\"\n",
		"REPORT RequestId: ", "Billed Duration: ", "Init Duration: ", "Memory Size: 128 MB")
	if n := strings.Count(out, "Init Duration"); n != 1 {
		t.Errorf("%d cold starts", n)
	}
}

func TestRunSumsMetricsUp(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{`{"Do":"emf"}`}, "-n", "3")
	contains(t, out, "metrics of 3 invocations\n", "6    9    1  1.5    2    2  Shop Orders  Count  {service=orders}\n")
}

func TestFailuresGiveStatusOneAndANewProcess(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"error","Text":"boom"}`, `{"Do":"panic","Text":"ouch"}`, `{"Do":"exit"}`, `{"Text":"alive"}`})
	if status != 1 {
		t.Errorf("status %d", status)
	}
	contains(t, out, "failed on event0.json: errorString", `"errorMessage": "boom"`, "failed on event1.json: string", `"label": "handle"`,
		"failed on event2.json: Runtime.ExitError", "exit status 4", "response to event3.json")
	if n := strings.Count(out, "Init Duration"); n != 3 {
		t.Errorf("%d processes, want 3", n)
	}
}

func TestTimeoutKillsTheProcess(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"sleep"}`, `{"Text":"alive"}`}, "-timeout", "2s")
	if status != 1 {
		t.Errorf("status %d", status)
	}
	contains(t, out, "failed on event0.json: Sandbox.Timedout", "Task timed out after 2.00 seconds", "response to event1.json")
	if n := strings.Count(out, "Init Duration"); n != 2 {
		t.Errorf("%d processes, want 2", n)
	}
}

func TestTimeoutUnderConcurrencyLeavesTheCodeRunning(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"sleep"}`, `{"Text":"alive"}`}, "-timeout", "2s", "-concurrency", "2")
	if status != 1 {
		t.Errorf("status %d", status)
	}
	contains(t, out, "failed on event0.json: Sandbox.Timedout", "response to event1.json")
	if n := strings.Count(out, "Init Duration"); n != 1 {
		t.Errorf("%d processes, want 1", n)
	}
}

func TestInitFailures(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitRun(t, []string{`{}`}, "-env", "INIT=exit")
	if status != 2 {
		t.Errorf("status %d", status)
	}
	contains(t, errs, "function exited before asking for its first event: exit status 3")
	contains(t, out, "stderr: no configuration")
}

func TestRawIsExactlyTheFunctionsOutput(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitRun(t, []string{`{"Do":"emf"}`, `{"Do":"log","Text":"x"}`}, "-raw", "-n", "2")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	out = regexp.MustCompile(`"Timestamp":\d+`).ReplaceAllString(out, `"Timestamp":1`)
	emf := `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],"Metrics":[{"Name":"Orders","Unit":"Count","StorageResolution":1}]}]},"service":"orders","Orders":[1,2]}` + "\n"
	log := `{"time":"2026-01-02T03:04:05.678Z","level":"WARN","msg":"a library's line","n":1,"text":"two words","stack":"f\n\tg"}` + "\na plain line\nwithout an end"
	if out != emf+log+emf+log {
		t.Errorf("%s", out)
	}
	contains(t, errs, "stderr: on standard error", "response to event1.json", "REPORT")
}

func TestEnvironmentAndMemory(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{
		`{"Do":"env","Text":"X"}`, `{"Do":"env","Text":"AWS_LAMBDA_FUNCTION_MEMORY_SIZE"}`, `{"Do":"env","Text":"AWS_LAMBDA_MAX_CONCURRENCY"}`,
		`{"Do":"env","Text":"AWS_LAMBDA_INITIALIZATION_TYPE"}`, `{"Do":"env","Text":"AWS_LAMBDA_FUNCTION_NAME"}`,
	}, "-env", "X=a=b", "-memory", "512", "-concurrency", "3")
	contains(t, out, `"a=b"`, `"512"`, `"3"`, `"lambda-managed-instances"`, `"function"`, "Memory Size: 512 MB")
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"usage: lambdakit":           {},
		"unknown command":            {"fly"},
		"which package":              {"run"},
		"one package at a time":      {"run", "a", "b"},
		"-n 0 is not":                {"run", "-n", "0", "x"},
		"-concurrency -1":            {"run", "-concurrency", "-1", "x"},
		"-timeout 0s":                {"run", "-timeout", "0", "x"},
		"-memory 0":                  {"run", "-memory", "0", "x"},
		`-env "x" is not`:            {"run", "-env", "x", "x"},
		"flag provided but":          {"run", "-unknown", "x"},
		"go list ./nowhere":          {"run", "./nowhere"},
		"not a program":              {"run", "../../logging"},
		"name the event's file with": {"run", "./testdata/function"},
		"no such file":               {"run", "-event", "nowhere.json", "./testdata/function"},
	} {
		errs := newBuffer()
		if status := command(t.Context(), args, strings.NewReader(""), io.Discard, errs); status != 2 {
			t.Errorf("%q: status %d", args, status)
		}
		contains(t, errs.String(), want)
	}
	for _, args := range [][]string{{"help"}, {"run", "-h"}} {
		if status := command(t.Context(), args, nil, io.Discard, io.Discard); status != 0 {
			t.Errorf("%q: status %d", args, status)
		}
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out, errs := newBuffer(), newBuffer()
	done := make(chan int)
	go func() {
		done <- command(ctx, []string{"run", "-serve", ":0", "-concurrency", "4", "-timeout", "1m", "./testdata/function"}, nil, out, errs)
	}()
	url := errs.find(`serving (http://127\.0\.0\.1:\d+/\S+);`)[1]
	post := func(body string, headers ...string) (*http.Response, string) {
		req, _ := http.NewRequest("POST", url, strings.NewReader(body))
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp, string(text)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			want := fmt.Sprintf("%q", fmt.Sprint("text ", i))
			if resp, text := post(`{"Text":` + want + `}`); resp.StatusCode != 200 || text != want || resp.Header.Get("X-Amz-Function-Error") != "" {
				t.Errorf("%d %s", resp.StatusCode, text)
			}
		})
	}
	wg.Wait()
	resp, text := post(`{"Do":"error","Text":"boom"}`)
	var doc map[string]string
	if err := json.Unmarshal([]byte(text), &doc); err != nil || resp.StatusCode != 200 || resp.Header.Get("X-Amz-Function-Error") == "" || doc["errorMessage"] != "boom" {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	if resp, _ := post(`{"Text":"later"}`, "X-Amz-Invocation-Type", "Event"); resp.StatusCode != 202 {
		t.Errorf("Event: %d", resp.StatusCode)
	}
	out.find(`"later"`)
	if resp, _ := post(`{}`, "X-Amz-Invocation-Type", "Odd"); resp.StatusCode != 400 {
		t.Errorf("odd type: %d", resp.StatusCode)
	}
	if resp, _ := post(strings.Repeat("x", emulator.MaxEvent+1)); resp.StatusCode != 413 {
		t.Errorf("large event: %d", resp.StatusCode)
	}
	cancel()
	if status := <-done; status != 1 { // an invocation failed
		t.Errorf("status %d", status)
	}
}

func TestInterruptLeavesNoProcessBehind(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := newBuffer()
	done := make(chan int)
	file := filepath.Join(t.TempDir(), "event.json")
	os.WriteFile(file, []byte(`{"Do":"sleep"}`), 0o600)
	go func() {
		done <- command(ctx, []string{"run", "-timeout", "1h", "-event", file, "./testdata/function"}, nil, out, io.Discard)
	}()
	var pid int
	fmt.Sscan(out.find(`sleeping (\d+)`)[1], &pid)
	cancel()
	<-done
	if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
		t.Errorf("process %d: %v", pid, err)
	}
}
