package viewer

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// browser is a ResponseWriter that notes deadlines, and fails after some writes.
type browser struct {
	*httptest.ResponseRecorder
	mu       sync.Mutex // guards the fields below, and the recorder
	deadline time.Time  // of the next write
	late     int        // writes without a deadline in a minute
	writes   int
	fails    int // the write that fails, from 1; 0: none
	flushes  int
}

func (b *browser) SetWriteDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deadline = t
	return nil
}

func (b *browser) FlushError() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flushes++
	return nil
}

func (b *browser) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.writes++; b.writes == b.fails {
		return 0, io.ErrClosedPipe
	}
	if !b.deadline.Equal(time.Now().Add(time.Minute)) {
		b.late++
	}
	return b.ResponseRecorder.Write(p)
}

// take returns the names of the events since the last call.
func (b *browser) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for line := range strings.Lines(b.Body.String()) {
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			names = append(names, strings.TrimSpace(name))
		} else if strings.HasPrefix(line, ":") {
			names = append(names, strings.TrimSpace(line))
		}
	}
	b.Body.Reset()
	return strings.Join(names, " ")
}

func TestStream_GathersChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &Server{Store: NewStore(State{Function: "orders"})}
		ctx, leave := context.WithCancel(t.Context())
		b := &browser{ResponseRecorder: httptest.NewRecorder()}
		done := make(chan bool)
		go func() {
			defer close(done)
			s.stream(b, httptest.NewRequest("GET", "/api/stream", nil).WithContext(ctx))
		}()
		want := func(after time.Duration, names string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := b.take(); got != names {
				t.Errorf("got the events %q after %v, want %q", got, after, names)
			}
		}
		want(0, "snapshot")
		s.Store.Begin("a", "", []byte("{}"), start)
		s.Store.Begin("b", "", []byte("{}"), start)
		want(pace-1, "")
		s.Store.End(result("a", "1"), nil, 0)
		want(1, "invocation invocation")
		want(pace, "")
		s.Store.SetState(func(st *State) { st.State = Running })
		s.Store.Clear()
		want(pace, "state removed")
		want(15*time.Second, ": alive")
		if kind := b.Header().Get("Content-Type"); kind != "text/event-stream" || b.late != 0 || b.flushes != 4 {
			t.Errorf("got the type %s, %d late writes and %d flushes, want text/event-stream, none and 4", kind, b.late, b.flushes)
		}
		s.Store.Clear()
		s.Store.SetState(func(*State) {})
		leave()
		<-done
	})
}

func TestStream_EndsIfTheBrowserDoesNotRead(t *testing.T) {
	t.Parallel()
	for fails := range 5 { // the snapshot, the state, the removal, the invocation and the heartbeat
		synctest.Test(t, func(t *testing.T) {
			s := &Server{Store: NewStore(State{})}
			s.Store.Begin("a", "", []byte("{}"), start)
			s.Store.End(result("a", "1"), nil, 0)
			b := &browser{ResponseRecorder: httptest.NewRecorder(), fails: fails + 1}
			done := make(chan bool)
			go func() {
				defer close(done)
				s.stream(b, httptest.NewRequest("GET", "/api/stream", nil).WithContext(t.Context()))
			}()
			synctest.Wait()
			s.Store.SetState(func(*State) {})
			s.Store.Clear()
			s.Store.Begin("b", "", []byte("{}"), start)
			select {
			case <-done:
			case <-time.After(time.Hour):
				t.Errorf("got a stream that goes on after the write %d failed, want its end", fails+1)
			}
			if b.writes != fails+1 {
				t.Errorf("got %d writes, want none after the write %d failed", b.writes, fails+1)
			}
		})
	}
}

// A ResponseWriter that cannot flush would keep everything back.
func TestStream_NeedsAFlush(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	s := &Server{Store: NewStore(State{})}
	s.stream(struct{ http.ResponseWriter }{w}, httptest.NewRequest("GET", "/api/stream", nil))
	if n := strings.Count(w.Body.String(), "event: "); n != 1 {
		t.Errorf("got %d events, want one", n)
	}
}
