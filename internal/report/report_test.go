package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestDefaultIsOneJSONLineAndLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		r := New(nil)
		r.stderr = &b
		for i := range 25 {
			r.Report(fmt.Errorf("bad \"thing\" %d", i))
		}
		time.Sleep(windowLen)
		r.Report(errors.New("later"))
		r.Report(errors.New("last"))
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if len(lines) != maxLines+2 {
			t.Fatalf("got %d lines, want %d", len(lines), maxLines+2)
		}
		for _, i := range []int{0, maxLines - 1, maxLines + 1} {
			if strings.Contains(lines[i], "reports_dropped") {
				t.Errorf("got line %d %s, want no dropped reports in it", i, lines[i])
			}
		}
		var later map[string]any
		if err := json.Unmarshal([]byte(lines[maxLines]), &later); err != nil {
			t.Fatal(err)
		}
		if later["level"] != "WARN" || later["message"] != "later" || later["reports_dropped"] != 15.0 {
			t.Errorf("got the line %v, want later with 15 dropped reports", later)
		}
		if at, err := time.Parse(time.RFC3339, fmt.Sprint(later["timestamp"])); err != nil || !at.Equal(time.Now().Truncate(time.Millisecond)) {
			t.Errorf("got the timestamp %v, want %v", later["timestamp"], time.Now())
		}
	})
}

func TestOnceAndOnError(t *testing.T) {
	t.Parallel()
	var got []string
	var b bytes.Buffer
	r := New(func(err error) { got = append(got, err.Error()) })
	r.stderr = &b
	for range 3 {
		r.Once("a", errors.New("first"))
		r.Once("b", errors.New("second"))
	}
	if fmt.Sprint(got) != "[first second]" {
		t.Errorf("got %v, want first and second", got)
	}
	if b.Len() > 0 {
		t.Errorf("got %s on standard error, want nothing", &b)
	}
}

func TestOnError_PanicIsContained(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	var r *Reporter
	calls := 0
	r = New(func(error) {
		calls++
		r.Report(errors.New("nested")) // a logger that fails, say
		panic("OnError")
	})
	r.stderr = &b
	r.Report(errors.New("outer"))
	r.Report(errors.New("again"))
	if calls != 2 || strings.Count(b.String(), "nested") != 2 || strings.Count(b.String(), "OnError panicked") != 2 {
		t.Errorf("got %d calls, want 2, and this standard error, want both texts twice in it:\n%s", calls, &b)
	}
}

func TestOnError_SimultaneousReportsAllArrive(t *testing.T) {
	t.Parallel()
	const n = 100
	got := map[string]int{} // without a lock: calls do not overlap
	started, release := make(chan struct{}), make(chan struct{})
	r := New(func(err error) {
		if len(got) == 0 {
			close(started)
			<-release // the others come meanwhile
		}
		got[err.Error()]++
	})
	var wg, waiting sync.WaitGroup
	wg.Go(func() { r.Report(errors.New("0")) })
	<-started
	for i := 1; i < n; i++ {
		waiting.Go(func() { r.Report(errors.New(strconv.Itoa(i))) })
	}
	waiting.Wait() // none of them is held up
	close(release)
	wg.Wait()
	if len(got) != n {
		t.Errorf("got %d reports, want %d", len(got), n)
	}
}

func TestOnError_QueueIsBounded(t *testing.T) {
	t.Parallel()
	var got []string
	started, release := make(chan struct{}), make(chan struct{})
	r := New(func(err error) {
		if len(got) == 0 {
			close(started)
			<-release
		}
		got = append(got, err.Error())
	})
	var first, others sync.WaitGroup
	first.Go(func() { r.Report(errors.New("first")) })
	<-started
	others.Go(func() {
		for range maxQueue + 5 {
			r.Report(errors.New("more"))
		}
	})
	others.Wait()
	close(release)
	first.Wait()
	if len(got) != 1+maxQueue+1 || !strings.Contains(got[1], " 5 reports were dropped") {
		t.Errorf("got %d reports, of which the second is %q, want %d and 5 dropped", len(got), got[1], maxQueue+2)
	}
}

// A report from inside OnError goes to standard error, also by way of another Reporter.
func TestOnError_DoesNotRecurse(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	calls := 0
	var one, two *Reporter
	one = New(func(error) { calls++; two.Report(errors.New("two")) })
	two = New(func(error) { calls++; deep(200, func() { one.Report(errors.New("nested")) }) })
	one.stderr = &b
	one.Report(errors.New("one"))
	if calls != 2 || strings.Count(b.String(), `"nested"`) != 1 {
		t.Errorf("got %d calls and %q, want 2 calls and one line", calls, &b)
	}
}

// deep calls f with n more frames on the stack.
func deep(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deep(n-1, f)
	runtime.KeepAlive(n)
}

func TestOnError_GoexitLosesNoReports(t *testing.T) {
	t.Parallel()
	var got []string
	var r *Reporter
	r = New(func(err error) {
		got = append(got, err.Error())
		if err.Error() == "first" {
			var wg sync.WaitGroup
			wg.Go(func() { r.Report(errors.New("second")) })
			wg.Wait()
			runtime.Goexit()
		}
	})
	var wg sync.WaitGroup
	wg.Go(func() { r.Report(errors.New("first")) })
	wg.Wait()
	r.Report(errors.New("third"))
	if fmt.Sprint(got) != "[first second third]" {
		t.Errorf("got %v, want all three", got)
	}
}

func TestOnce_NeverFallsSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		r := New(func(err error) { got = append(got, err.Error()) })
		once := func(n int) { r.Once(strconv.Itoa(n), errors.New(strconv.Itoa(n))) }
		for n := range 1000 {
			once(n)
		}
		if len(got) != maxOnce+maxLines {
			t.Fatalf("got %d reports, want %d", len(got), maxOnce+maxLines)
		}
		got = nil
		once(maxOnce) // is still remembered
		time.Sleep(windowLen)
		once(5000)
		want := fmt.Sprintf("[lambdakit: %d reports were dropped, since there were too many 5000]", 1000-maxOnce-maxLines)
		if fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
		for n := range 2 * maxOnce {
			if n%maxLines == 0 {
				time.Sleep(windowLen)
			}
			once(10_000 + n)
		}
		if len(r.once) != maxOnce || len(r.order) != maxOnce {
			t.Errorf("got %d and %d keys, want %d", len(r.once), len(r.order), maxOnce)
		}
	})
}

func TestOnce_DroppedLinesAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		r := New(nil)
		r.stderr = &b
		for n := range 1000 {
			r.Once(strconv.Itoa(n), errors.New("x"))
		}
		time.Sleep(windowLen)
		b.Reset()
		r.Once("later", errors.New("later"))
		if want := fmt.Sprintf(`"reports_dropped":%d}`, 1000-maxLines); !strings.Contains(b.String(), want) {
			t.Errorf("got %s, want %s", &b, want)
		}
	})
}

func TestOneReporterDoesNotLimitAnother(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	one, two := New(nil), New(nil)
	one.stderr, two.stderr = io.Discard, &b
	for range 1000 {
		one.Report(errors.New("x"))
	}
	two.Report(errors.New("y"))
	if !strings.Contains(b.String(), `"message":"y"`) {
		t.Errorf("got %q, want a line", &b)
	}
}

type panicky struct{}

func (panicky) Error() string { panic("x") }

func TestLinesAreSafe(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	r := New(nil)
	r.stderr = &b
	r.Report(errors.New("get https://u:hidden@h/p?token=hidden"))
	r.Report(errors.New(strings.Repeat("x", 1<<20)))
	r.Report(panicky{})
	if strings.Contains(b.String(), "hidden") || b.Len() > 2*maxText || !strings.Contains(b.String(), "report.panicky") {
		t.Errorf("got %d bytes without redaction or bound, want at most %d: %.200s", b.Len(), 2*maxText, &b)
	}
}

func TestTextOf_TheLongestTextIsWhole(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("x", maxText)
	for text, want := range map[string]string{whole: whole, whole + "y": whole + "...[cut]"} {
		if got := textOf(errors.New(text)); got != want {
			t.Errorf("got %d bytes, want %d", len(got), len(want))
		}
	}
}

func TestOnce_KeysAreBounded(t *testing.T) {
	t.Parallel()
	r := New(func(error) {})
	r.Once(strings.Repeat("x", 1<<20), errors.New("x"))
	for key := range r.once {
		if len(key) > maxKey {
			t.Errorf("got a key of %d bytes, want at most %d", len(key), maxKey)
		}
	}
}

// Keys are compared in their first 1,024 bytes.
func TestOnce_LongKeysAreComparedByTheirBeginning(t *testing.T) {
	t.Parallel()
	n := 0
	r := New(func(error) { n++ })
	begin := strings.Repeat("x", maxKey-1)
	for i, c := range []struct {
		key  string
		want int
	}{{begin + "a", 1}, {begin + "b", 2}, {begin + "ac", 2}, {begin + "ad", 2}, {begin, 3}, {begin + "a", 3}} {
		if r.Once(c.key, errors.New("x")); n != c.want {
			t.Errorf("key %d: got %d reports, want %d", i, n, c.want)
		}
	}
}

// A new key takes the place of the oldest one.
func TestOnce_TheOldestKeyIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		r := New(func(error) { n++ })
		reported := func(key int) bool {
			before := n
			r.Once(strconv.Itoa(key), errors.New("x"))
			return n > before
		}
		for key := range maxOnce {
			if !reported(key) {
				t.Fatalf("key %d: got no report, want one", key)
			}
		}
		for i := range 3 * maxOnce { // the ring turns three times
			if i%(maxLines/2) == 0 {
				time.Sleep(windowLen)
			}
			if reported(i + 1) { // still remembered
				t.Fatalf("key %d: got a report, want none", i+1)
			}
			if !reported(maxOnce + i) {
				t.Fatalf("key %d: got no report, want one", maxOnce+i)
			}
		}
		time.Sleep(windowLen)
		if !reported(0) || reported(0) {
			t.Error("got other than one report of a key that was forgotten, want one")
		}
	})
}

// The limit of a window begins with its first event.
func TestLimit_Windows(t *testing.T) {
	t.Parallel()
	var l limit
	start := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		at   time.Duration
		n    int // events
		want int // allowed
	}{{0, 9, 9}, {windowLen - 1, 5, 1}, {windowLen, 15, 10}, {2*windowLen - 1, 1, 0}, {2 * windowLen, 1, 1}, {3*windowLen - 1, 20, 9}} {
		got := 0
		for range c.n {
			if l.ok(start.Add(c.at)) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("step %d: got %d allowed, want %d", i, got, c.want)
		}
	}
}

// The goroutine that delivers gives the reports of the others in their order, and none twice.
func TestOnError_ReportsComeInOrder(t *testing.T) {
	t.Parallel()
	var got []string
	started, release := make(chan struct{}), make(chan struct{})
	r := New(func(err error) {
		if len(got) == 0 {
			close(started)
			<-release
		}
		got = append(got, err.Error())
	})
	var first, others sync.WaitGroup
	first.Go(func() { r.Report(errors.New("0")) })
	<-started
	others.Go(func() {
		for i := 1; i < maxQueue; i++ {
			r.Report(errors.New(strconv.Itoa(i)))
		}
	})
	others.Wait()
	close(release)
	first.Wait()
	r.Report(errors.New(strconv.Itoa(maxQueue)))
	if len(got) != maxQueue+1 {
		t.Fatalf("got %d reports, want %d", len(got), maxQueue+1)
	}
	for i, text := range got {
		if text != strconv.Itoa(i) {
			t.Fatalf("got %s at %d, want them in order", text, i)
		}
	}
	if r.calling || r.queue != nil || r.lost != 0 {
		t.Errorf("got calling %v with %d in the queue, want an idle Reporter", r.calling, len(r.queue))
	}
}

// A Reporter without OnError works, also if many goroutines report.
func TestDefault_ManyGoroutines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	r := New(nil)
	r.stderr = &b
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				r.Report(errors.New("x"))
			}
		})
	}
	wg.Wait()
	if got := strings.Count(b.String(), "}\n"); got != maxLines || r.dropped != 80-maxLines {
		t.Errorf("got %d lines and %d dropped, want %d and %d", got, r.dropped, maxLines, 80-maxLines)
	}
}
