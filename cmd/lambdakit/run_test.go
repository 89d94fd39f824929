package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

func TestRunShowsEverything(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"emf"}`, `{"Do":"trace"}`, `{"Do":"log"}`, `{"Text":"hello"}`}, "-event", "-")
	if status != 0 {
		t.Errorf("got status %d, want 0", status)
	}
	contains(t, out,
		`03:04:05.678 WARN  a library's line n=1 text="two words"`, "    stack:\n    f\n    \tg\n",
		"a plain line\n", "stderr: on standard error\n", "without an end",
		"metric  Shop  Orders  [1,2]  Count  {service=orders}  1 s\n",
		"trace  └─ ## handler      ██████████████████████████████   500.00 ms  {\"ColdStart\":true}\n",
		"trace     └─ charge card  ······██████··················   100.00 ms  remote  fault\n",
		"response to event3.json\n  \"hello\"\n", "response to standard input\n  \"from stdin\"\n",
		"REPORT RequestId: ", "Billed Duration: ", "Init Duration: ", "Memory Size: 128 MB")
	if n := strings.Count(out, "Init Duration"); n != 1 {
		t.Errorf("got %d cold starts, want 1", n)
	}
}

func TestTraces_StandWithTheirResults(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{`{"Do":"trace","N":100}`}, "-n", "20")
	for i, result := range strings.SplitAfter(out, "REPORT")[:20] {
		if n := strings.Count(result, "one more") + strings.Count(result, "charge card"); n != 101 {
			t.Errorf("result %d: got %d segments before it, want 101", i, n)
		}
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
		t.Errorf("got status %d, want 1", status)
	}
	contains(t, out, "failed on event0.json: errorString", `"errorMessage": "boom"`, "failed on event1.json: string", `"label": "handle"`,
		"failed on event2.json: Runtime.ExitError", "exit status 4", "response to event3.json")
	if n := strings.Count(out, "Init Duration"); n != 3 {
		t.Errorf("got %d processes, want 3", n)
	}
}

func TestTimeoutKillsTheProcess(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"sleep"}`, `{"Text":"alive"}`}, "-timeout", "2s")
	if status != 1 {
		t.Errorf("got status %d, want 1", status)
	}
	contains(t, out, "failed on event0.json: Sandbox.Timedout", "Task timed out after 2.00 seconds", "response to event1.json")
	if n := strings.Count(out, "Init Duration"); n != 2 {
		t.Errorf("got %d processes, want 2", n)
	}
}

func TestTimeoutUnderConcurrencyLeavesTheCodeRunning(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"sleep"}`, `{"Text":"alive"}`}, "-timeout", "2s", "-concurrency", "2")
	if status != 1 {
		t.Errorf("got status %d, want 1", status)
	}
	contains(t, out, "failed on event0.json: Sandbox.Timedout", "response to event1.json")
	if n := strings.Count(out, "Init Duration"); n != 1 {
		t.Errorf("got %d processes, want 1", n)
	}
}

func TestInitFailures(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitRun(t, []string{`{}`}, "-env", "INIT=exit")
	if status != 2 {
		t.Errorf("got status %d, want 2", status)
	}
	contains(t, errs, "function exited before asking for its first event: exit status 3")
	contains(t, out, "stderr: no configuration")
}

func TestRawIsExactlyTheFunctionsOutput(t *testing.T) {
	t.Parallel()
	status, out, errs := lambdakitRun(t, []string{`{"Do":"emf"}`, `{"Do":"log","Text":"x"}`}, "-raw", "-n", "2")
	if status != 0 {
		t.Errorf("got status %d, want 0", status)
	}
	out = regexp.MustCompile(`"Timestamp":\d+`).ReplaceAllString(out, `"Timestamp":1`)
	emf := `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],"Metrics":[{"Name":"Orders","Unit":"Count","StorageResolution":1}]}]},"service":"orders","Orders":[1,2]}` + "\n"
	log := `{"time":"2026-01-02T03:04:05.678Z","level":"WARN","msg":"a library's line","n":1,"text":"two words","stack":"f\n\tg"}` + "\na plain line\nwithout an end"
	if out != emf+log+emf+log {
		t.Errorf("got %s, want the output of the function", out)
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
		`-allow-host "a:1" is not`:   {"run", "-allow-host", "a:1", "x"},
		`-allow-host "*" is not`:     {"run", "-allow-host", "*", "x"},
		`-allow-host "" is not`:      {"run", "-allow-host", "", "x"},
		`-allow-origin "*" is not`:   {"run", "-http", ":0", "-allow-origin", "*", "x"},
		"-allow-origin needs -http":  {"run", "-allow-origin", "http://a", "x"},
		"-open needs -view":          {"run", "-open=false", "x"},
		"-view and -raw":             {"run", "-view", "-raw", "x"},
		"-resend needs -watch":       {"run", "-resend", "x"},
		"-watch and -queue":          {"run", "-watch", "-queue", "x.jsonl", "x"},
		"-attach and -watch":         {"run", "-attach", ":0", "-watch", "x"},
		"-attach names no address":   {"run", "-attach", "", "x"},
		"of this machine alone":      {"run", "-attach", "0.0.0.0:0", "./testdata/function"},
		"flag provided but":          {"run", "-unknown", "x"},
		"go list ./nowhere":          {"run", "./nowhere"},
		"not a program":              {"run", "../../logging"},
		"is a file, not a package":   {"run", "../../go.mod"},
		"name the event's file with": {"run", "./testdata/function"},
		"no such file":               {"run", "-event", "nowhere.json", "./testdata/function"},
	} {
		errs := newBuffer()
		if status := command(t.Context(), args, strings.NewReader(""), io.Discard, errs); status != 2 {
			t.Errorf("%q: got status %d, want 2", args, status)
		}
		contains(t, errs.String(), want)
	}
	for _, args := range [][]string{{"help"}, {"run", "-h"}} {
		if status := command(t.Context(), args, nil, io.Discard, io.Discard); status != 0 {
			t.Errorf("%q: got status %d, want 0", args, status)
		}
	}
}

func TestOutputWithoutANewline_StandsBeforeItsResult(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{`{"Do":"print","Text":"first"}`, `{"Do":"stderr","Text":"second"}`})
	contains(t, out, "first\nresponse to event0.json", "stderr: second\nresponse to event1.json")
}

func TestHostileOutput_IsEscapedEverywhere(t *testing.T) {
	t.Parallel()
	const h = `\u001b]52;c;aGk=\u0007\u009b2J\u202e\r`
	dir := t.TempDir()
	file := filepath.Join(dir, "event"+hostile+".json")
	if err := os.WriteFile(file, []byte(`{"Do":"print","Text":"`+h+`"}`), 0o600); err != nil {
		if runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		t.Skip("the file system does not take the name: ", err)
	}
	status, out, errs := lambdakitRun(t, []string{`{"Do":"stderr","Text":"` + h + `"}`, `{"Do":"error","Text":"` + h + `"}`, `{"Do":"panic","Text":"` + h + `"}`, `{"Text":"` + h + `"}`}, "-event", file)
	if status != 1 {
		t.Errorf("got status %d, want 1", status)
	}
	wantClean(t, out)
	wantClean(t, errs)
	contains(t, out, `\x1b]52;c;aGk=\x07\u009b2J\u202e\r`)
}

func TestHostileFileName_InAnError(t *testing.T) {
	t.Parallel()
	_, _, errs := lambdakitRun(t, nil, "-event", "no\x1b[31m.json")
	wantClean(t, errs)
	contains(t, errs, `no\x1b[31m.json`)
}

func TestOutputWithTheRunnersMarks_EndsAndIsShown(t *testing.T) {
	t.Parallel()
	mark := `\u0000\u0016lambdakit:mark\u0016\u0000\u0000lambdakit:\u0000`
	status, out, _ := lambdakitRun(t, []string{`{"Do":"print","Text":"` + strings.Repeat(mark, 10) + `"}`}, "-n", "3")
	if status != 0 || strings.Count(out, "lambdakit:mark") != 30 {
		t.Errorf("got status %d and this output, want 0 and 30 marks:\n%s", status, out)
	}
}

func TestPanic_IsShownOnceAndShort(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{`{"Do":"panic","Text":"ouch"}`})
	contains(t, out, `"label": "handle"}`, "frames of Go, aws-lambda-go and lambdakit; -raw shows them)")
	if n := strings.Count(out, "ouch"); n != 1 {
		t.Errorf("got the panic %d times, want once:\n%s", n, out)
	}
	if n := strings.Count(out, "\n"); n > 12 || strings.Contains(out, "gopanic") {
		t.Errorf("got %d lines for a panic, want the function's own frames only:\n%s", n, out)
	}
}

func TestPanic_StackOfTheToolkitsLineIsNotRepeated(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{`{"Do":"panic","Text":"ouch"}`}, "-env", "INIT=kit")
	contains(t, out, "ERROR invocation panicked error=string: ouch\n    main.answerFailure  ", "frames, as above]")
	if n := strings.Count(out, "\n"); n > 12 || strings.Contains(out, "gopanic") {
		t.Errorf("got %d lines for a panic, want the function's own frames only:\n%s", n, out)
	}
}

func TestInitPanic_IsShownOnce(t *testing.T) {
	t.Parallel()
	_, out, errs := lambdakitRun(t, []string{`{}`}, "-env", "INIT=panic")
	if n := strings.Count(out+errs, "panic: no configuration"); n != 1 {
		t.Errorf("got the panic %d times, want once:\n%s%s", n, out, errs)
	}
}

func TestFail_AnsweredFailureIsAFailure(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{}`, `{"Text":"out of stock"}`}, "-env", "INIT=kit")
	if status != 1 {
		t.Errorf("got status %d, want 1", status)
	}
	contains(t, out, "response to event0.json", "failed on event1.json: errorString: out of stock; the function answered", `"statusCode": 500`, `"body": (JSON in a string) {`)
}

func TestFail_RaceOfManyInvocations(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{`{}`, `{"Text":"out of stock"}`}, "-env", "INIT=kit", "-n", "20", "-concurrency", "4")
	if failed, fine := strings.Count(out, "failed on event1.json"), strings.Count(out, "response to event0.json"); failed != 20 || fine != 20 {
		t.Errorf("got %d failures and %d responses, want 20 and 20", failed, fine)
	}
}

func TestResponseTooLarge_Fails(t *testing.T) {
	t.Parallel()
	status, out, _ := lambdakitRun(t, []string{`{"Do":"response","N":6291557}`})
	if status != 1 {
		t.Errorf("got status %d, want 1", status)
	}
	contains(t, out, "failed on event0.json: Function.ResponseSizeTooLarge", "exceeded maximum allowed payload size (6291556 bytes)", "unexpected status code: 413")
}

func TestEvents_LambdaWouldRefuse(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{"{": "Could not parse request body into json", "": "is empty", `"` + strings.Repeat("x", 6<<20) + `"`: "must be smaller than 6291456 bytes"} {
		status, out, errs := lambdakitRun(t, []string{`{"Text":"first"}`, event})
		if status != 2 || strings.Contains(out, "first") {
			t.Errorf("%.10q: got status %d, want 2 and no invocation", event, status)
		}
		contains(t, errs, want)
	}
}

func TestDirectory_IsThePackages(t *testing.T) {
	t.Parallel()
	_, out, _ := lambdakitRun(t, []string{`{"Do":"directory"}`, `{"Do":"env","Text":"LAMBDA_TASK_ROOT"}`})
	dir, err := filepath.Abs("testdata/function")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%q", dir); strings.Count(out, want) != 2 {
		t.Errorf("got this output, want %s twice in it:\n%s", want, out)
	}
}

func TestCredentials_OnlyOnRequest(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of the shell")
	events := []string{`{"Do":"env","Text":"AWS_SECRET_ACCESS_KEY"}`}
	_, out, errs := lambdakitRun(t, events)
	contains(t, out, `"lambdakit"`)
	contains(t, errs, "the function gets dummy AWS credentials")
	_, out, errs = lambdakitRun(t, events, "-aws-credentials")
	contains(t, out, `"of the shell"`)
	contains(t, errs, "the function gets the AWS credentials of this shell")
}

// TestClosedOutput_LeavesNothingBehind runs "lambdakit run | head -1" on a function that prints
// without an end.
func TestClosedOutput_LeavesNothingBehind(t *testing.T) {
	t.Parallel()
	f, err := buildOnce(t.Context(), "./testdata/function", "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"-raw=false", "-raw=true"} {
		tmp, dir := t.TempDir(), t.TempDir()
		file := filepath.Join(dir, "event.json")
		if err := os.WriteFile(file, []byte(`{"Do":"print lines"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], "run", raw, "-timeout", "1h", "-event", file, "./testdata/function")
		cmd.Env = append(os.Environ(), "LAMBDAKIT_TEST_PROGRAM="+f.program, "TMPDIR="+tmp)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stdout.Read(make([]byte, 10))
		stdout.Close()
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: got %v, want exit status 1", raw, err)
		}
		left, err := os.ReadDir(tmp)
		if err != nil || len(left) != 0 {
			t.Errorf("%s: %v is left, %v", raw, left, err)
		}
	}
}
