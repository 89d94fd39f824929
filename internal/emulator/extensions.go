package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/lambdakit/lambdakit/internal/execenv"
)

// maxExtensions bounds the extensions of a function. (Lambda Developer Guide, Lambda extensions)
const maxExtensions = 10

// extension is an internal extension of the function. environment.mu guards it.
type extension struct {
	name    string
	invokes bool             // it gets an event for each invocation
	waiting bool             // it has asked for its next event
	events  chan *invocation // to it; buffered, because an invocation begins only if it waits
}

// register is the operation Register.
func (env *environment) register(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Events []string `json:"events"`
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxErrorText))
	name := r.Header.Get("Lambda-Extension-Name")
	env.mu.Lock()
	defer env.mu.Unlock()
	refuse := func(kind, message string) {
		w.WriteHeader(http.StatusForbidden)
		w.Write(errorDocument(kind, message))
	}
	if env.attached() && env.asked { // a new process
		env.begun()
		clear(env.extensions)
		env.asked = false
	}
	switch {
	case env.asked:
		refuse("Extension.RegistrationClosed", "Extension registration closed already")
		return
	case name == "":
		refuse("Extension.InvalidExtensionName", "Empty extension name")
		return
	case err != nil || len(text) > 0 && json.Unmarshal(text, &body) != nil:
		refuse("InvalidRequestFormat", "Could not parse the request")
		return
	case slices.ContainsFunc(body.Events, func(e string) bool { return e != "INVOKE" }):
		refuse("Extension.InvalidEventType", "an internal extension gets the events INVOKE only")
		return
	case len(body.Events) > 0 && env.cfg.Concurrency > 1:
		refuse("Extension.InvalidEventType", "No events allowed for internal extensions")
		return
	case len(env.extensions) >= maxExtensions:
		refuse("Extension.TooManyExtensions", fmt.Sprintf("Extension limit (%d) reached", maxExtensions))
		return
	}
	for _, e := range env.extensions {
		if e.name == name {
			refuse("Extension.InvalidExtensionState", "the extension "+name+" is registered already")
			return
		}
	}
	id := execenv.NewRequestID()
	env.extensions[id] = &extension{name: name, invokes: len(body.Events) > 0, events: make(chan *invocation, 1)}
	w.Header().Set("Lambda-Extension-Identifier", id)
	fmt.Fprintf(w, `{"functionName":%q,"functionVersion":"$LATEST","handler":"bootstrap"}`, env.cfg.FunctionName)
}

// nextEvent is the operation Next of an extension.
func (env *environment) nextEvent(w http.ResponseWriter, r *http.Request) {
	env.mu.Lock()
	e := env.extensions[r.Header.Get("Lambda-Extension-Identifier")]
	if e == nil {
		env.mu.Unlock()
		w.WriteHeader(http.StatusForbidden)
		w.Write(errorDocument("Extension.UnknownExtensionIdentifier", "Unknown extension"))
		return
	}
	e.waiting = true
	env.changed()
	env.mu.Unlock()

	var inv *invocation
	select {
	case inv = <-e.events:
	case <-env.gone:
		return
	case <-r.Context().Done():
		if env.attached() { // the process has ended
			env.mu.Lock()
			delete(env.extensions, r.Header.Get("Lambda-Extension-Identifier"))
			env.mu.Unlock()
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Lambda-Extension-Event-Identifier", execenv.NewRequestID())
	json.NewEncoder(w).Encode(map[string]any{
		"eventType":          "INVOKE",
		"deadlineMs":         inv.deadline.UnixMilli(),
		"requestId":          inv.event.RequestID,
		"invokedFunctionArn": env.cfg.arn(),
		"tracing":            map[string]string{"type": "X-Amzn-Trace-Id", "value": inv.event.TraceHeader},
	})
}

// tellExtensions sends the event of an invocation to the extensions that get it. env.mu is held.
func (env *environment) tellExtensions(inv *invocation) {
	for _, e := range env.extensions {
		if e.invokes && e.waiting {
			e.waiting = false
			e.events <- inv
		}
	}
}

// extensionsWait reports whether all extensions have asked for their next events. env.mu is held.
func (env *environment) extensionsWait() bool {
	for _, e := range env.extensions {
		if !e.waiting {
			return false
		}
	}
	return true
}

// hasExtension reports whether an extension gets an event for each invocation.
func (env *environment) hasExtension() bool {
	env.mu.Lock()
	defer env.mu.Unlock()
	for _, e := range env.extensions {
		if e.invokes {
			return true
		}
	}
	return false
}
