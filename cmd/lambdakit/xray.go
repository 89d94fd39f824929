package main

import (
	"bytes"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"time"
)

// xrayDaemon takes the datagrams that a function sends to Lambda's X-Ray daemon.
type xrayDaemon struct {
	conn net.PacketConn

	syncs  chan struct{}
	syncMu sync.Mutex

	mu     sync.Mutex
	traces map[string][]segment
	order  []string
}

const maxTraces = 1000 // kept for results that are still to come

// segment is what is shown of a segment document.
type segment struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	TraceID    string  `json:"trace_id"`
	ParentID   string  `json:"parent_id"`
	StartTime  float64 `json:"start_time"`
	EndTime    float64 `json:"end_time"`
	InProgress bool    `json:"in_progress"`
	Error      bool    `json:"error"`
	Throttle   bool    `json:"throttle"`
	Fault      bool    `json:"fault"`
	Namespace  string  `json:"namespace"`
	HTTP       struct {
		Request  struct{ Method string }
		Response struct{ Status int }
	}
	AWS struct {
		Operation string
		TableName string `json:"table_name"`
	}
	Cause struct {
		Exceptions []struct{ Message, Type string }
	}
	Annotations any       `json:"annotations"`
	Subsegments []segment `json:"subsegments"`
}

func listenXRay() (*xrayDaemon, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &xrayDaemon{conn: conn, traces: make(map[string][]segment), syncs: make(chan struct{}, 1)}
	go d.receive()
	return d, nil
}

func (d *xrayDaemon) addr() string { return d.conn.LocalAddr().String() }

func (d *xrayDaemon) close() { d.conn.Close() }

// sync waits until the datagrams that have been sent so far are taken: one of its
// own comes out behind them.
func (d *xrayDaemon) sync() {
	d.syncMu.Lock()
	defer d.syncMu.Unlock()
	if _, err := d.conn.WriteTo(mark, d.conn.LocalAddr()); err != nil {
		return
	}
	select {
	case <-d.syncs:
	case <-time.After(time.Second): // lost, since the buffer of the socket is full
	}
}

func (d *xrayDaemon) receive() {
	buf := make([]byte, 64<<10)
	for {
		n, _, err := d.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if bytes.Equal(buf[:n], mark) {
			select {
			case d.syncs <- struct{}{}:
			default:
			}
			continue
		}
		header, body, _ := bytes.Cut(buf[:n], []byte("\n"))
		var s segment
		if !bytes.Contains(header, []byte(`"format"`)) || json.Unmarshal(body, &s) != nil {
			continue
		}
		d.mu.Lock()
		if d.traces[s.TraceID] == nil {
			if d.order = append(d.order, s.TraceID); len(d.order) > maxTraces {
				delete(d.traces, d.order[0])
				d.order = d.order[1:]
			}
		}
		d.traces[s.TraceID] = append(d.traces[s.TraceID], s)
		d.mu.Unlock()
	}
}

// take returns what has arrived of the trace of a header.
func (d *xrayDaemon) take(header string) []segment {
	_, root, _ := strings.Cut(header, "Root=")
	root, _, _ = strings.Cut(root, ";")
	d.mu.Lock()
	defer d.mu.Unlock()
	segments := d.traces[root]
	delete(d.traces, root)
	return segments
}
