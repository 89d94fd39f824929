package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/eventsource"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/localbus"
)

// Bounds of the events that the function publishes.
const (
	maxPublished = 10_000  // that wait for delivery
	maxRequest   = 8 << 20 // bytes of a request of the function
	maxRounds    = 100     // deliveries that lead to more events, before the run gives up
)

// publishedOptions are the flags of the events that the function publishes.
type publishedOptions struct {
	flags      list
	targets    []target // none: the function publishes elsewhere
	duplicates bool
}

// target is a queue that gets events.
type target struct {
	queue string
	types []string // of the events; none: all
}

var queueNames = regexp.MustCompile(`^[A-Za-z0-9_-]{1,75}(\.fifo)?$`)

func (p *publishedOptions) add(fs *flag.FlagSet) {
	fs.Var(&p.flags, "events", "`queue` that gets the events that the function publishes with package events, or QUEUE=TYPE,TYPE for some of them; the function gets its messages; may be repeated; none=none takes the events and delivers none")
	fs.BoolVar(&p.duplicates, "duplicates", false, "with -events, each queue gets each event twice")
}

func (p *publishedOptions) check(given map[string]bool) error {
	if given["duplicates"] && !given["events"] {
		return fmt.Errorf("-duplicates needs -events")
	}
	for _, text := range p.flags {
		queue, types, filtered := strings.Cut(text, "=")
		if !queueNames.MatchString(queue) || filtered && types == "" {
			return fmt.Errorf("-events %q is not the name of a queue, or of the form QUEUE=TYPE,TYPE", text)
		}
		t := target{queue: queue}
		if filtered {
			t.types = strings.Split(types, ",")
		}
		p.targets = append(p.targets, t)
	}
	return nil
}

// published takes the events that the function publishes, until they are delivered.
type published struct {
	server *http.Server
	url    string
	screen *screen

	mu      sync.Mutex
	waiting []localbus.Event
	arrived chan struct{} // has an element if events are waiting
}

// listenPublished starts to take events.
func listenPublished() (*published, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &published{url: "http://" + listener.Addr().String() + "/events", arrived: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /events", p.receive)
	p.server = &http.Server{Handler: emulator.Protect(mux, listener.Addr(), nil), ReadHeaderTimeout: 10 * time.Second}
	go p.server.Serve(listener)
	return p, nil
}

func (p *published) close() { p.server.Close() }

func (p *published) receive(w http.ResponseWriter, req *http.Request) {
	var list []localbus.Event
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxRequest))
	if err != nil || json.Unmarshal(body, &list) != nil {
		http.Error(w, "the request is no list of events", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting)+len(list) > maxPublished {
		http.Error(w, fmt.Sprintf("more than %d events wait for delivery", maxPublished), http.StatusInsufficientStorage)
		return
	}
	p.waiting = append(p.waiting, list...)
	for _, e := range list {
		p.screen.print("%s", eventLine(e))
	}
	select {
	case p.arrived <- struct{}{}:
	default:
	}
	w.WriteHeader(http.StatusNoContent)
}

// eventLine is the line on the screen about an event.
func eventLine(e localbus.Event) string {
	return fmt.Sprintf("event   %s  %s  id=%s\n", oneLine(cut(e.Source, maxCell)), oneLine(cut(e.DetailType, maxCell)), oneLine(cut(e.ID, maxCell)))
}

func (p *published) take() []localbus.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.waiting
	p.waiting = nil
	return list
}

// deliverPublished delivers what the function has published to its queues, and what it publishes
// meanwhile, until there is nothing left. It reports whether a message is not done.
func (r *runner) deliverPublished(ctx context.Context) (failed bool) {
	for range maxRounds {
		list := r.published.take()
		if len(list) == 0 || ctx.Err() != nil {
			return failed
		}
		for _, t := range r.options.published.targets {
			wanted := t.wanted(list)
			if len(wanted) == 0 {
				continue
			}
			m, err := r.mappingOf(t.queue, wanted)
			if err != nil {
				r.screen.print("cannot deliver events: %v\n", err)
				return true
			}
			r.screen.print("%d events for the queue %s\n", len(wanted), t.queue)
			failed = r.play(ctx, m) || failed
		}
	}
	r.published.take() // they would begin it again
	r.screen.print("gave up: handlers of events have published events %d times in a row\n", maxRounds)
	return true
}

// wanted returns the events that the queue gets.
func (t *target) wanted(list []localbus.Event) []localbus.Event {
	if t.types == nil {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(e localbus.Event) bool { return !slices.Contains(t.types, e.DetailType) })
}

// keepDelivering delivers events until ctx is done.
func (r *runner) keepDelivering(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.published.arrived:
			r.deliverPublished(ctx)
		}
	}
}

// mappingOf returns the event source mapping of a queue that is the target of a rule of EventBridge.
func (r *runner) mappingOf(queue string, list []localbus.Event) (*eventsource.Mapping, error) {
	kind := eventsource.SQS
	if strings.HasSuffix(queue, ".fifo") {
		kind = eventsource.FIFO
	}
	times := 1
	if r.options.published.duplicates {
		times = 2
	}
	var messages []eventsource.Message
	for _, e := range list {
		body, err := e.Delivered(execenv.NewRequestID(), emulator.DefaultRegion())
		if err != nil {
			return nil, err
		}
		for range times {
			m := eventsource.Message{Body: string(body)}
			if e.TraceHeader != "" {
				m.Attributes = map[string]string{"AWSTraceHeader": e.TraceHeader}
			}
			messages = append(messages, m)
		}
	}
	return r.options.queue.mappingOf(kind, queue, messages, r.options)
}
