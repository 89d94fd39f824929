// Package sendertest tests senders of events against services that fail. The tests use clients of the
// SDK and connections in memory, so that tests run in a bubble of testing/synctest.
package sendertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Credentials that errors must not repeat.
const (
	secretKey    = "SECRETKEY-hunter2"
	sessionToken = "TOKEN-hunter2"
)

// Entry is an event as a service gets it.
type Entry struct {
	Body           string
	BatchID        string // empty if results have no ids
	Group          string
	Deduplication  string // an accepted entry with the id of an earlier one is dropped
	id, eventGroup string // of the metadata in Body
}

// Result is the result of an entry. An empty Code means that the service has it.
type Result struct {
	BatchID     string
	Code        string
	SenderFault bool
}

// Protocol is the protocol of a service.
type Protocol struct {
	Decode func(r *http.Request) ([]Entry, error)
	Encode func(results []Result) string // the body of a response with status 200
	Error  func(code, message string) string
}

// Fault is a failure of a request.
type Fault int

const (
	None           Fault = iota
	Throttling           // the service takes no entry and answers ThrottlingException
	ServerError          // the service takes no entry and answers with the status 500
	Denied               // the service takes no entry, and another attempt cannot change that
	CutBefore            // the connection ends, and the service has no entry
	CutAfter             // the connection ends before the answer, and the service has the entries
	CutWithin            // the connection ends within the answer, and the service has the entries
	FewerResults         // the answer lacks the last result, and the service has the entries
	LostEntry            // the answer lacks the last result, and the service does not have its entry
	EntryThrottled       // the service does not take the first entry; another attempt may change that
	EntryFailed          // the same, for another reason
	EntryRefused         // the same, and another attempt cannot change it
	faults
)

// service is a service that fails.
type service struct {
	Protocol
	fault    func(request int) Fault
	mu       sync.Mutex
	requests int
	accepted []Entry // in their order
	seen     map[string]bool
	invalid  []error
}

// start serves s and returns the configuration of clients.
func (s *service) start(t *testing.T) aws.Config {
	l := &listener{connections: make(chan net.Conn), closed: make(chan struct{})}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: s}}
	server.Start()
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	s.seen = make(map[string]bool)
	return aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String("http://service.test"),
		HTTPClient:   &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: secretKey, SessionToken: sessionToken}, nil
		}),
	}
}

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entries, err := s.Decode(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range entries {
		var event struct {
			Metadata struct{ ID, Group string }
		}
		if e := json.Unmarshal([]byte(entries[i].Body), &event); e != nil {
			err = e
		}
		entries[i].id, entries[i].eventGroup = event.Metadata.ID, event.Metadata.Group
	}
	if err != nil || len(entries) == 0 || len(entries) > 10 {
		s.invalid = append(s.invalid, fmt.Errorf("a request with %d entries: %w", len(entries), err))
	}
	fault := s.fault(s.requests)
	s.requests++
	fail := func(status int, code string) {
		w.WriteHeader(status)
		io.WriteString(w, s.Error(code, "x-amz-security-token:"+sessionToken+" refuses "+entries[0].Body))
	}
	switch fault {
	case Throttling:
		fail(http.StatusBadRequest, "ThrottlingException")
		return
	case ServerError:
		fail(http.StatusInternalServerError, "InternalFailure")
		return
	case Denied:
		fail(http.StatusBadRequest, "ValidationException")
		return
	case CutBefore:
		panic(http.ErrAbortHandler)
	}
	body := s.Encode(s.take(entries, fault))
	switch fault {
	case CutAfter:
		panic(http.ErrAbortHandler)
	case CutWithin:
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		io.WriteString(w, body[:len(body)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	io.WriteString(w, body)
}

// take accepts entries and returns their results.
func (s *service) take(entries []Entry, fault Fault) []Result {
	var results []Result
	if fault == LostEntry {
		entries = entries[:len(entries)-1]
	}
	for i, e := range entries {
		r := Result{BatchID: e.BatchID}
		if i == 0 {
			switch fault {
			case EntryThrottled:
				r.Code, r.SenderFault = "ThrottlingException", true
			case EntryFailed:
				r.Code = "InternalFailure"
			case EntryRefused:
				r.Code, r.SenderFault = "InvalidArgument", true
			}
		}
		if r.Code == "" && (e.Deduplication == "" || !s.seen[e.Deduplication]) {
			s.seen[e.Deduplication] = true
			s.accepted = append(s.accepted, e)
		}
		results = append(results, r)
	}
	if fault == FewerResults {
		results = results[:len(results)-1]
	}
	return results
}

// listener is a net.Listener in memory.
type listener struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.connections <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.connections:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return address{} }

type address struct{}

func (address) Network() string { return "pipe" }
func (address) String() string  { return "service.test" }
