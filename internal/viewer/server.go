package viewer

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

//go:embed page.html
var page string

// Runner is what the page does with the function.
type Runner interface {
	// Send sends an event several times, at most atOnce at the same time, and returns the ids of the
	// invocations. It does not wait for them.
	Send(title string, event []byte, times, atOnce int) (ids []string, err error)

	// Restart ends the process: after the invocations that run, or at once.
	Restart(kill bool)

	// Save writes an event file beside the function. It fails with fs.ErrExist if there is one and
	// replace is false.
	Save(name, text string, replace bool) error

	// EventFiles returns the event files beside the function.
	EventFiles() []Template
}

// Server serves the page and its API.
type Server struct {
	Store     *Store
	Runner    Runner
	Token     string
	Heartbeat time.Duration // default 15 s
	cookie    string
}

// NewToken returns a random token.
func NewToken() string { return rand.Text() }

// Bounds of requests.
const (
	maxTimes   = 1000
	maxIDs     = 100 // of invocations in an answer
	maxRequest = 2*emulator.MaxEvent + 1<<20
)

// Handler returns the handler for a listener at a port. The port is part of the cookie's name, since
// cookies do not belong to a port.
func (s *Server) Handler(port int) http.Handler {
	s.cookie = fmt.Sprint("lambdakit-", port)
	api := http.NewServeMux()
	api.HandleFunc("GET /api/state", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.Store.State()) })
	api.HandleFunc("GET /api/invocations", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"invocations": s.Store.Summaries()})
	})
	api.HandleFunc("GET /api/invocations/{id}", s.invocation)
	api.HandleFunc("GET /api/invocations/{id}/test", s.test)
	api.HandleFunc("GET /api/invocations/{id}/curl", s.curl)
	api.HandleFunc("GET /api/invocations/{id}/export", s.export)
	api.HandleFunc("POST /api/invocations", s.send)
	api.HandleFunc("POST /api/invocations/{id}/resend", s.resend)
	api.HandleFunc("DELETE /api/invocations", func(w http.ResponseWriter, _ *http.Request) {
		s.Store.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	api.HandleFunc("GET /api/templates", s.templates)
	api.HandleFunc("POST /api/files", s.save)
	api.HandleFunc("POST /api/restart", s.restart)
	api.HandleFunc("GET /api/stream", s.stream)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.Handle("/api/", s.authorized(api))
	return secured(mux)
}

// secured adds the headers that every answer has.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

// page serves the page, and turns the token of its URL into a cookie.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	if token := r.URL.Query().Get("token"); token != "" && s.isToken(token) {
		http.SetCookie(w, &http.Cookie{Name: s.cookie, Value: s.Token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if !s.allowed(r) {
		http.Error(w, "Open the URL that lambdakit run printed: its token lets you in.", http.StatusUnauthorized)
		return
	}
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+
		"'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	io.WriteString(w, strings.ReplaceAll(page, "{{nonce}}", nonce))
}

// authorized refuses requests without the cookie or the token.
func (s *Server) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.allowed(r) {
			complain(w, http.StatusUnauthorized, errors.New("the token is missing or wrong; the URL that lambdakit run printed has it"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) allowed(r *http.Request) bool {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return s.isToken(token)
	}
	cookie, err := r.Cookie(s.cookie)
	return err == nil && s.isToken(cookie.Value)
}

func (s *Server) isToken(text string) bool {
	return subtle.ConstantTimeCompare([]byte(text), []byte(s.Token)) == 1
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func complain(w http.ResponseWriter, status int, err error) {
	reply(w, status, map[string]string{"error": err.Error()})
}
