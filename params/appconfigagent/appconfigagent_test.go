package appconfigagent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/appconfigagent"
)

const hunter = "hunter2"

func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		app, env, profile, uri string
		o                      appconfigagent.Options
	}{
		{"shop", "prod", "flags", "/applications/shop/environments/prod/configurations/flags", appconfigagent.Options{}},
		{"a/b", "c d", "e?f#%é", "/applications/a%2Fb/environments/c%20d/configurations/e%3Ff%23%25%C3%A9", appconfigagent.Options{}},
		{
			"shop", "prod", "flags", "/applications/shop/environments/prod/configurations/flags?flag=a%26b&flag=c",
			appconfigagent.Options{Flags: []string{"a&b", "c"}, Context: []string{"user=1", "country=DE"}},
		},
	} {
		test.o.URL = serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.RequestURI != test.uri {
				t.Errorf("got request %s %s, want GET %s", r.Method, r.RequestURI, test.uri)
			}
			if got := r.Header.Values("Context"); len(got) != len(test.o.Context) || len(got) > 0 && !reflect.DeepEqual(got, test.o.Context) {
				t.Errorf("context %q", got)
			}
			if r.Header.Get("X-Aws-Parameters-Secrets-Token") != "" {
				t.Error("got the token of the Parameters and Secrets extension, want none")
			}
			w.Header().Set("Configuration-Version", "7")
			fmt.Fprint(w, "{\"on\":true}\n")
		})
		v, err := appconfigagent.New(test.app, test.env, &test.o).Fetch(t.Context(), test.profile)
		if v != (params.Value{Text: "{\"on\":true}\n", Version: "7"}) || err != nil {
			t.Errorf("got %#v, %v, want version 7", v, err)
		}
	}
}

// A profile cannot lead out of the environment.
func TestProfilesThatArePaths(t *testing.T) {
	t.Parallel()
	mux, requests := http.NewServeMux(), 0
	mux.HandleFunc("/applications/shop/environments/prod/configurations/{profile}", answer(200, "fine"))
	mux.HandleFunc("/", answer(200, "elsewhere"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	source := appconfigagent.New("shop", "prod", &appconfigagent.Options{URL: server.URL})
	for _, profile := range []string{"..", ".", "../..", "../../dev/configurations/flags", "%2e%2e"} {
		if v, err := source.Fetch(t.Context(), profile); v.Text == "elsewhere" {
			t.Errorf("%q: got %s, %v, want no other path", profile, v.Text, err)
		}
		if (profile == "." || profile == "..") && requests > 0 {
			t.Errorf("%q: got %d requests, want none", profile, requests)
		}
	}
}

// A caller may change its options afterwards.
func TestOptionsAreCopied(t *testing.T) {
	t.Parallel()
	o := appconfigagent.Options{Flags: []string{"a"}, Context: []string{"user=1"}}
	o.URL = serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL.Query()["flag"], r.Header["Context"])
	})
	source := appconfigagent.New("shop", "prod", &o)
	o.Flags[0], o.Context[0] = "b", "user=2"
	if v, err := source.Fetch(t.Context(), "flags"); v.Text != "[a] [user=1]" || err != nil {
		t.Errorf("got %s, %v, want the options as they were", v.Text, err)
	}
}

func TestErrorsNameTheReason(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		400: "the agent answered 400: bad request: a flag may not exist", 404: "the agent answered 404: not found",
		418: "the agent answered 418: I'm a teapot",
	} {
		_, err := appconfigagent.New("a", "b", &appconfigagent.Options{URL: serve(t, answer(status, ""))}).Fetch(t.Context(), "c")
		if fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestThePortIsOfTheEnvironment(t *testing.T) {
	t.Setenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT", serve(t, answer(200, "x"))[len("http://127.0.0.1:"):])
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if v, err := appconfigagent.New("a", "b", nil).Fetch(t.Context(), "c"); v.Text != "x" || err != nil {
		t.Errorf("got %q, %v, want x", v.Text, err)
	}
}

func TestAnswersThatAreErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		is     error
	}{
		{400, `{"Message":"` + hunter + `","Reason":"InvalidParameters","Details":{"InvalidParameters":{"x":{"Problem":"NoSuchFlag"}}}}`, nil},
		{404, hunter, params.ErrNotFound}, {401, hunter, params.ErrAccessDenied}, {403, "", params.ErrAccessDenied},
		{429, "", params.ErrThrottled}, {500, hunter, nil}, {504, "", nil}, {599, hunter, nil}, {304, "", nil},
		{200, strings.Repeat("x", 4<<20+1), nil}, {500, strings.Repeat(hunter, 1<<20), nil},
	} {
		source := appconfigagent.New("a", "b", &appconfigagent.Options{URL: serve(t, answer(test.status, test.body))})
		t.Run(fmt.Sprintf("%d %.10s", test.status, test.body), func(t *testing.T) {
			t.Parallel()
			v, err := source.Fetch(t.Context(), "c")
			if err == nil || v != (params.Value{}) || strings.Contains(err.Error(), hunter) {
				t.Errorf("got %v, %v, want an error", v, err)
			}
			for _, kind := range []error{params.ErrNotFound, params.ErrAccessDenied, params.ErrThrottled} {
				if errors.Is(err, kind) != (kind == test.is) {
					t.Errorf("got %v, want %v in its chain: %t", err, kind, kind == test.is)
				}
			}
		})
	}
}

func TestTheLargestConfigurationOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	down := false
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if down {
			w.WriteHeader(500)
			return
		}
		w.Header().Set("Configuration-Version", "7")
		fmt.Fprint(w, strings.Repeat("x", 2<<20))
	})
	now := time.Unix(1e9, 0)
	cache, err := params.New(appconfigagent.New("a", "b", &appconfigagent.Options{URL: url}), &params.Options{
		Now: func() time.Time { return now }, OnError: func(error) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if v, err := cache.String(t.Context(), "c"); len(v) != 2<<20 || err != nil {
			t.Errorf("got %d bytes, %v, want 2 MiB", len(v), err)
		}
		down, now = true, now.Add(time.Hour)
	}
}

func TestASlowAgentAndTheContext(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"no answer": false, "half an answer": true} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if before {
				fmt.Fprint(w, `{"`)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := appconfigagent.New("a", "b", &appconfigagent.Options{URL: url}).Fetch(ctx, "c")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want context.DeadlineExceeded", name, err)
		}
		cancel()
	}
	server := httptest.NewServer(answer(200, ""))
	server.Close()
	if _, err := appconfigagent.New("a", "b", &appconfigagent.Options{URL: server.URL}).Fetch(t.Context(), "c"); err == nil || !strings.Contains(err.Error(), "layer") {
		t.Errorf("got %v, want an error that names the layer", err)
	}
}
