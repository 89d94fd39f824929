package viewer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// pace is the time between two updates of a stream, in which changes gather.
const pace = 50 * time.Millisecond

// writeTimeout bounds a write to a browser that does not read.
const writeTimeout = time.Minute

// stream sends changes until the client leaves.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	heartbeat := time.NewTicker(cmp.Or(s.Heartbeat, 15*time.Second))
	defer heartbeat.Stop()
	known := -1
	for {
		u, now, changed := s.Store.since(known)
		known = now
		control.SetWriteDeadline(time.Now().Add(writeTimeout))
		if err := send(w, &u); err != nil || control.Flush() != nil {
			return
		}
		if !wait(w, r, control, changed, heartbeat.C) {
			return
		}
	}
}

// wait waits for a change, and for those that follow shortly after it. It returns false if the client has
// left.
func wait(w http.ResponseWriter, r *http.Request, control *http.ResponseController, changed <-chan struct{}, heartbeat <-chan time.Time) bool {
	for {
		select {
		case <-r.Context().Done():
			return false
		case <-heartbeat:
			control.SetWriteDeadline(time.Now().Add(writeTimeout))
			if _, err := fmt.Fprint(w, ": alive\n\n"); err != nil || control.Flush() != nil {
				return false
			}
		case <-changed:
			select {
			case <-r.Context().Done():
				return false
			case <-time.After(pace):
				return true
			}
		}
	}
}

// send writes the events of an update.
func send(w http.ResponseWriter, u *update) error {
	if u.Snapshot {
		return event(w, "snapshot", map[string]any{"state": u.State, "invocations": u.Invocations})
	}
	if u.State != nil {
		if err := event(w, "state", u.State); err != nil {
			return err
		}
	}
	if len(u.Removed) > 0 {
		if err := event(w, "removed", map[string]any{"ids": u.Removed}); err != nil {
			return err
		}
	}
	for i := range u.Invocations {
		if err := event(w, "invocation", &u.Invocations[i]); err != nil {
			return err
		}
	}
	return nil
}

// event writes a server-sent event. JSON has no line ends.
func event(w http.ResponseWriter, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data)
	return err
}
