package viewer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

var errUnknown = errors.New("there is no such invocation; it may have been removed")

func (s *Server) invocation(w http.ResponseWriter, r *http.Request) {
	inv, ok := s.Store.Invocation(r.PathValue("id"))
	if !ok {
		complain(w, http.StatusNotFound, errUnknown)
		return
	}
	reply(w, http.StatusOK, inv)
}

func (s *Server) test(w http.ResponseWriter, r *http.Request) {
	inv, ok := s.Store.Invocation(r.PathValue("id"))
	if !ok {
		complain(w, http.StatusNotFound, errUnknown)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, testSource(&inv))
}

// read reads the JSON of a request.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		complain(w, http.StatusRequestEntityTooLarge, fmt.Errorf("the request has more than %d bytes, or broke off", maxRequest))
		return false
	}
	if err := json.Unmarshal(body, v); err != nil {
		complain(w, http.StatusBadRequest, fmt.Errorf("the request is not the JSON that is expected: %w", err))
		return false
	}
	return true
}

func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	var req SendRequest
	if !read(w, r, &req) {
		return
	}
	times, atOnce := max(req.Times, 1), max(req.AtOnce, 1)
	if times > maxTimes {
		complain(w, http.StatusBadRequest, fmt.Errorf("times is %d; at most %d are sent", times, maxTimes))
		return
	}
	s.dispatch(w, req.Title, []byte(req.Event), times, atOnce)
}

func (s *Server) resend(w http.ResponseWriter, r *http.Request) {
	event, title, ok := s.Store.Event(r.PathValue("id"))
	if !ok {
		complain(w, http.StatusNotFound, errUnknown)
		return
	}
	s.dispatch(w, title, event, 1, 1)
}

func (s *Server) dispatch(w http.ResponseWriter, title string, event []byte, times, atOnce int) {
	var refused *emulator.RequestError
	if errors.As(emulator.CheckEvent(event), &refused) {
		complain(w, refused.Status, errors.New(refused.Message))
		return
	}
	ids, err := s.Runner.Send(title, event, times, atOnce)
	if err != nil {
		complain(w, http.StatusServiceUnavailable, err)
		return
	}
	reply(w, http.StatusAccepted, map[string]any{"accepted": len(ids), "ids": ids[:min(len(ids), maxIDs)]})
}

var fileNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,95}\.json$`)

func (s *Server) save(w http.ResponseWriter, r *http.Request) {
	var f File
	if !read(w, r, &f) {
		return
	}
	if !fileNames.MatchString(f.Name) {
		complain(w, http.StatusBadRequest, errors.New("the name of a file is letters, digits, dots, dashes and underscores, and ends in .json"))
		return
	}
	if !json.Valid([]byte(f.Text)) {
		complain(w, http.StatusBadRequest, errors.New("the event is not JSON"))
		return
	}
	switch err := s.Runner.Save(f.Name, f.Text, f.Replace); {
	case errors.Is(err, fs.ErrExist):
		complain(w, http.StatusConflict, fmt.Errorf("%s exists", f.Name))
	case err != nil:
		complain(w, http.StatusInternalServerError, err)
	default:
		reply(w, http.StatusCreated, map[string]string{"name": f.Name})
	}
}

func (s *Server) restart(w http.ResponseWriter, r *http.Request) {
	var req RestartRequest
	if !read(w, r, &req) {
		return
	}
	s.Runner.Restart(req.Kill)
	w.WriteHeader(http.StatusAccepted)
}
