package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/execenv"
)

const (
	maxClientContext = 3583    // bytes of its base64 form
	maxLogResult     = 4 << 10 // bytes of the log's end in a response
)

var tenantText = regexp.MustCompile(`^[a-zA-Z0-9._:/=+@ -]{1,256}$`)

// refuse answers as Lambda's API answers a request that does not reach a function.
func refuse(w http.ResponseWriter, err error) {
	var e *emulator.RequestError
	if !errors.As(err, &e) {
		e = &emulator.RequestError{Status: http.StatusBadGateway, Type: "ServiceException", Message: "the function cannot be run; see the terminal"}
	}
	kind := "User"
	if e.Status >= 500 {
		kind = "Service"
	}
	body, _ := json.Marshal(map[string]string{"Type": kind, "message": e.Message})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", e.Type)
	w.WriteHeader(e.Status)
	w.Write(body)
}

func invalid(format string, args ...any) error {
	return &emulator.RequestError{Status: http.StatusBadRequest, Type: "InvalidRequestContentException", Message: fmt.Sprintf(format, args...)}
}

// readEvent reads an event and its headers.
func readEvent(w http.ResponseWriter, req *http.Request) (ev emulator.Event, err error) {
	ev.Payload, err = io.ReadAll(http.MaxBytesReader(w, req.Body, emulator.MaxEvent+1))
	if tooLarge := (*http.MaxBytesError)(nil); err != nil && !errors.As(err, &tooLarge) {
		return ev, invalid("the request broke off")
	}
	check := emulator.CheckEvent
	if invocationType(req) == "Event" {
		check = emulator.CheckAsyncEvent
	}
	if err := check(ev.Payload); err != nil {
		return ev, err
	}
	if ev.TenantID = req.Header.Get("X-Amz-Tenant-Id"); ev.TenantID != "" && !tenantText.MatchString(ev.TenantID) {
		return ev, &emulator.RequestError{Status: http.StatusBadRequest, Type: "InvalidParameterValueException", Message: "the tenant id is not valid"}
	}
	ev.ClientContext, err = clientContext(req.Header.Get("X-Amz-Client-Context"))
	return ev, err
}

// clientContext returns the JSON of the header's base64.
func clientContext(header string) (string, error) {
	if header == "" {
		return "", nil
	}
	if len(header) > maxClientContext {
		return "", invalid("Client context must be smaller than %d bytes", maxClientContext)
	}
	text, err := base64.StdEncoding.DecodeString(header)
	var compact bytes.Buffer
	if err != nil || json.Compact(&compact, text) != nil {
		return "", invalid("Client context must be a valid Base64-encoded JSON object.")
	}
	return compact.String(), nil
}

func invocationType(req *http.Request) string { return req.Header.Get("X-Amz-Invocation-Type") }

// invoke is the operation Invoke.
func (s *server) invoke(w http.ResponseWriter, req *http.Request) {
	ev, err := readEvent(w, req)
	if err != nil {
		refuse(w, err)
		return
	}
	switch invocationType(req) {
	case "", "RequestResponse":
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return
	case "Event":
		s.invokeAsync(w, ev)
		return
	default:
		refuse(w, &emulator.RequestError{Status: http.StatusBadRequest, Type: "InvalidParameterValueException", Message: "unknown X-Amz-Invocation-Type"})
		return
	}
	log := wantedLog(req, &ev)
	result, err := s.exchange(req, "request", ev, log == nil) // the log has the lines of work after the answer, too
	if err != nil {
		s.refuse(w, err)
		return
	}
	if log != nil {
		w.Header().Set("X-Amz-Log-Result", logResult(log, result, s.options.memory))
	}
	respond(w, result)
}

// respond sends the answer of a function.
func respond(w http.ResponseWriter, result *emulator.Result) {
	h := w.Header()
	h.Set("X-Amz-Executed-Version", "$LATEST")
	h.Set("X-Amzn-Requestid", result.RequestID)
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(result.Payload)))
	if result.ErrorType != "" {
		h.Set("X-Amz-Function-Error", "Unhandled")
	}
	w.Write(result.Payload)
}

// invokeAsync answers before the function does. An asynchronous invocation has no client context.
func (s *server) invokeAsync(w http.ResponseWriter, ev emulator.Event) {
	ev.ClientContext = ""
	if !s.enter() {
		refuse(w, &emulator.RequestError{Status: http.StatusTooManyRequests, Type: "TooManyRequestsException", Message: "Rate Exceeded."})
		return
	}
	begun := s.begin(func() {
		defer s.leave()
		if _, err := s.send(s.ctx, "request", ev); err != nil && s.ctx.Err() == nil {
			s.screen.print("cannot run the function: %v\n", reason(err))
		}
	})
	if !begun {
		s.leave()
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// refuse also shows an error that is not the caller's.
func (s *server) refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, context.Canceled) { // the caller left, or the server ends
		return
	}
	if _, ok := err.(*emulator.RequestError); !ok {
		s.screen.print("cannot run the function: %v\n", reason(err))
	}
	refuse(w, err)
}

// wantedLog returns the log of ev's invocation if the request asks for its end, else nil.
func wantedLog(req *http.Request, ev *emulator.Event) *emulator.Tail {
	if req.Header.Get("X-Amz-Log-Type") != "Tail" {
		return nil
	}
	log := emulator.NewTail(maxLogResult)
	ev.Log = log
	return log
}

// logResult returns the end of an invocation's log, as Lambda writes it, in base64.
func logResult(log *emulator.Tail, r *emulator.Result, memory int) string {
	text := fmt.Sprintf("START RequestId: %s Version: $LATEST\n%s", r.RequestID, log)
	if text[len(text)-1] != '\n' {
		text += "\n"
	}
	text += fmt.Sprintf("END RequestId: %s\n%s\n", r.RequestID, r.Report(memory))
	return base64.StdEncoding.EncodeToString([]byte(text[max(0, len(text)-maxLogResult):]))
}

// invokeStream is the operation InvokeWithResponseStream.
func (s *server) invokeStream(w http.ResponseWriter, req *http.Request) {
	ev, err := readEvent(w, req)
	if err != nil {
		refuse(w, err)
		return
	}
	switch invocationType(req) {
	case "", "RequestResponse":
	case "DryRun":
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		refuse(w, &emulator.RequestError{Status: http.StatusBadRequest, Type: "InvalidParameterValueException", Message: "unknown X-Amz-Invocation-Type"})
		return
	}
	log := wantedLog(req, &ev)
	ev.RequestID = execenv.NewRequestID()
	stream := &eventStream{w: w, requestID: ev.RequestID}
	ev.Stream = stream
	result, err := s.exchange(req, "request", ev, log == nil)
	if err != nil {
		if stream.begun {
			panic(http.ErrAbortHandler) // the caller is gone, or the server ends
		}
		s.refuse(w, err)
		return
	}
	var end invokeComplete
	if result.ErrorType != "" {
		end.ErrorCode, end.ErrorDetails = result.ErrorType, result.ErrorMessage
	}
	if log != nil {
		end.LogResult = logResult(log, result, s.options.memory)
	}
	stream.end(end)
}
