package extension_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/extension"
)

const hunter = "hunter2"

// serve starts an extension that answers as told, and returns where it listens.
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

func TestRequestForAParameter(t *testing.T) {
	const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/url"
	for name, want := range map[string]string{
		"/shop/url":                        "name=%2Fshop%2Furl&withDecryption=true",
		"/shop/url:3":                      "name=%2Fshop%2Furl&version=3&withDecryption=true",
		"/shop/url:prod":                   "label=prod&name=%2Fshop%2Furl&withDecryption=true",
		"/a b&c=d?#%é":                     "name=%2Fa+b%26c%3Dd%3F%23%25%C3%A9&withDecryption=true",
		arn:                                "name=arn%3Aaws%3Assm%3Aeu-west-1%3A123456789012%3Aparameter%2Fshop%2Furl&withDecryption=true",
		arn + ":7":                         "name=arn%3Aaws%3Assm%3Aeu-west-1%3A123456789012%3Aparameter%2Fshop%2Furl&version=7&withDecryption=true",
		arn + ":live":                      "label=live&name=arn%3Aaws%3Assm%3Aeu-west-1%3A123456789012%3Aparameter%2Fshop%2Furl&withDecryption=true",
		"/aws/reference/secretsmanager/db": "name=%2Faws%2Freference%2Fsecretsmanager%2Fdb&withDecryption=true",
	} {
		t.Setenv("AWS_SESSION_TOKEN", "token of "+name[:2])
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/systemsmanager/parameters/get" || r.URL.RawQuery != want {
				t.Errorf("got request %s %s?%s, want GET with %s", r.Method, r.URL.Path, r.URL.RawQuery, want)
			}
			if got := r.Header.Get("X-Aws-Parameters-Secrets-Token"); got != "token of "+name[:2] {
				t.Errorf("token %q", got)
			}
			fmt.Fprint(w, `{"Parameter":{"Name":"n","Value":"v","Type":"SecureString","Version":3,"ARN":"x"},"ResultMetadata":{}}`)
		})
		v, err := extension.ParameterStore(&extension.Options{URL: url}).Fetch(t.Context(), name)
		if v != (params.Value{Text: "v", Version: "3", Secret: true}) || err != nil {
			t.Errorf("%s: got %#v, %v, want version 3 of a secret", name, v, err)
		}
	}
}

func TestRequestForASecret(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-a1b2c3"
	for _, test := range []struct{ name, stage, query, body, text string }{
		{"shop/db", "", "secretId=shop%2Fdb", `{"SecretString":"s","VersionId":"v1","VersionStages":["AWSCURRENT"]}`, "s"},
		{arn, "AWSPENDING", "secretId=arn%3Aaws%3Asecretsmanager%3Aeu-west-1%3A123456789012%3Asecret%3Ashop%2Fdb-a1b2c3&versionStage=AWSPENDING", `{"SecretBinary":"AP8=","VersionId":"v1"}`, "\x00\xff"},
		{"empty", "", "secretId=empty", `{"SecretString":"","VersionId":"v1"}`, ""},
	} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/secretsmanager/get" || r.URL.RawQuery != test.query {
				t.Errorf("got request %s?%s, want %s", r.URL.Path, r.URL.RawQuery, test.query)
			}
			fmt.Fprint(w, test.body)
		})
		v, err := extension.SecretsManager(&extension.Options{URL: url, VersionStage: test.stage}).Fetch(t.Context(), test.name)
		if v.Text != test.text || v.Version != "v1" || !v.Secret || err != nil {
			t.Errorf("%s: got %q, %v, want %q", test.name, v.Text, err, test.text)
		}
	}
}

func TestPlainAndEncryptedParameters(t *testing.T) {
	t.Parallel()
	for kind, secret := range map[string]bool{"String": false, "StringList": false, "SecureString": true} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("withDecryption") {
				t.Error("got a request for decryption, want none")
			}
			fmt.Fprintf(w, `{"Parameter":{"Value":"","Type":%q,"Version":1}}`, kind)
		})
		v, err := extension.ParameterStore(&extension.Options{URL: url, DisableDecryption: true}).Fetch(t.Context(), "a")
		if v.Secret != secret || err != nil {
			t.Errorf("%s: got secret %t, %v, want %t", kind, v.Secret, err, secret)
		}
	}
}

func TestThePortIsOfTheEnvironment(t *testing.T) {
	t.Setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", serve(t, answer(200, `{"SecretString":"s"}`))[len("http://127.0.0.1:"):])
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if v, err := extension.SecretsManager(nil).Fetch(t.Context(), "a"); v.Text != "s" || err != nil {
		t.Errorf("got %q, %v, want s", v.Text, err)
	}
}

func TestAnswersThatAreErrors(t *testing.T) {
	t.Parallel()
	kinds := []error{params.ErrNotFound, params.ErrAccessDenied, params.ErrThrottled}
	for _, test := range []struct {
		status     int
		body, says string
		is         error
	}{
		{400, "not ready to serve traffic, please wait", "load in the handler", nil},
		{400, `ParameterNotFound: ` + hunter, "400", params.ErrNotFound},
		{400, `{"__type":"ParameterVersionNotFound"}`, "400", params.ErrNotFound},
		{404, `ResourceNotFoundException: Secrets Manager can't find ` + hunter, "404", params.ErrNotFound},
		{400, `AccessDeniedException: User: arn is not authorized`, "400", params.ErrAccessDenied},
		{400, `ThrottlingException: Rate exceeded`, "400", params.ErrThrottled},
		{401, hunter, "401", params.ErrAccessDenied}, {403, "", "403", params.ErrAccessDenied},
		{429, "", "429", params.ErrThrottled}, {500, hunter, "500", nil}, {503, strings.Repeat(hunter, 1000), "503", nil},
		{204, "", "204", nil}, {302, hunter, "302", nil},
		{200, "", "", nil}, {200, "null", "", nil}, {200, hunter, "", nil}, {200, `{"Parameter":` + hunter, "", nil},
		{200, `{"Parameter":{"Value":5},"SecretString":["` + hunter + `"]}`, "", nil}, {200, `{}`, "no value", nil},
		{200, `{"Parameter":{"Value":null},"SecretBinary":"~` + hunter + `"}`, "", nil},
		{200, strings.Repeat(" ", 2<<20), "larger", nil},
	} {
		o := &extension.Options{URL: serve(t, answer(test.status, test.body))}
		for which, source := range map[string]params.Source{"parameter": extension.ParameterStore(o), "secret": extension.SecretsManager(o)} {
			t.Run(fmt.Sprintf("%s, %d %.40s", which, test.status, test.body), func(t *testing.T) {
				t.Parallel()
				v, err := source.Fetch(t.Context(), "name")
				if err == nil || v != (params.Value{}) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), hunter) {
					t.Errorf("got %v, %v, want an error that says %q", v, err, test.says)
				}
				for _, kind := range kinds {
					if errors.Is(err, kind) != (kind == test.is) {
						t.Errorf("got %v, want %v in its chain: %t", err, kind, kind == test.is)
					}
				}
			})
		}
	}
}

func TestNobodyListens(t *testing.T) {
	t.Setenv("AWS_SESSION_TOKEN", "the-token")
	server := httptest.NewServer(answer(200, ""))
	server.Close()
	for _, url := range []string{server.URL, "http://[::1", "gopher://x", "http://localhost:x"} {
		_, err := extension.ParameterStore(&extension.Options{URL: url}).Fetch(t.Context(), "a")
		if err == nil || strings.Contains(err.Error(), "the-token") {
			t.Errorf("%s: got %v, want an error without the token", url, err)
		}
	}
	t.Setenv("AWS_SESSION_TOKEN", "the-token\nx")
	_, err := extension.ParameterStore(&extension.Options{URL: server.URL}).Fetch(t.Context(), "a")
	if err == nil || strings.Contains(err.Error(), "the-token") {
		t.Errorf("got %v, want an error without the token", err)
	}
}

func TestASlowExtensionAndTheContext(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"no answer": false, "half an answer": true} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if before {
				fmt.Fprint(w, `{"Parameter":{"Value":"`)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		start := time.Now()
		_, err := extension.ParameterStore(&extension.Options{URL: url}).Fetch(ctx, "a")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
			t.Errorf("%s: got %v after %v, want context.DeadlineExceeded within 5 s", name, err, time.Since(start))
		}
		cancel()
	}
}

// The token opens the account to whoever has it.
func TestTheTokenDoesNotFollowARedirect(t *testing.T) {
	t.Setenv("AWS_SESSION_TOKEN", "the-token")
	elsewhere := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Aws-Parameters-Secrets-Token") != "" {
			t.Error("got the token at another server, want it at the extension only")
		}
		fmt.Fprint(w, `{"SecretString":"s"}`)
	})
	elsewhere = strings.Replace(elsewhere, "127.0.0.1", "localhost", 1)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) })
	extension.SecretsManager(&extension.Options{URL: url}).Fetch(t.Context(), "a")
}

func TestThroughAStore(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"SecretString": r.URL.Query().Get("secretId")})
	})
	source := extension.SecretsManager(&extension.Options{URL: url})
	var _ params.Fixed = source
	cache, err := params.New(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cache.Many(t.Context(), "a/b", "c d", "é", "a/b")
	if err != nil || len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
	for name, text := range got {
		if name != text {
			t.Errorf("got %q for %q, want the same", text, name)
		}
	}
	if err := cache.Put(t.Context(), "a", "b"); !errors.Is(err, params.ErrUnsupported) {
		t.Errorf("got %v, want ErrUnsupported", err)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add(200, `{"Parameter":{"Value":"x","Version":1}}`, "/a:1")
	f.Add(400, "ThrottlingException", "arn:aws:ssm:::parameter/a:b")
	f.Add(200, `{"SecretBinary":"x"}`, ":")
	f.Fuzz(func(t *testing.T, status int, body, name string) {
		status = 200 + int(uint(status)%400) // what net/http hands on
		const mark = "#~mark~#"
		o := &extension.Options{Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			answer(status, body+mark)(w, r)
			return w.Result(), nil
		})}}
		synctest.Test(t, func(t *testing.T) {
			for _, source := range []params.Source{extension.ParameterStore(o), extension.SecretsManager(o)} {
				if _, err := source.Fetch(t.Context(), name); err != nil && strings.Contains(err.Error(), mark) {
					t.Error(err)
				}
			}
		})
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The extension answers 400 for errors of the services that pass.
func TestATransientAnswerIsTriedAgain(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		"not ready to serve traffic, please wait": 3, "ThrottlingException: Rate exceeded": 3, "TooManyUpdates": 3,
		"InternalServerError": 3, "InternalServiceError": 3, "ServiceUnavailable": 3,
		"ParameterNotFound": 1, "AccessDeniedException": 1, "": 1,
	} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			o := &extension.Options{Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				calls++
				w := httptest.NewRecorder()
				answer(400, body)(w, r)
				return w.Result(), nil
			})}}
			if _, err := extension.SecretsManager(o).Fetch(t.Context(), "a"); err == nil || calls != want {
				t.Errorf("%s: got %v after %d requests, want %d", body, err, calls, want)
			}
		})
	}
}

func TestOneFailureDoesNotFailALoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		o := &extension.Options{Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			if calls++; calls == 1 {
				answer(503, "")(w, r)
			} else {
				answer(200, `{"Parameter":{"Value":"v"}}`)(w, r)
			}
			return w.Result(), nil
		})}}
		cache, err := params.New(extension.ParameterStore(o), nil)
		if err != nil {
			t.Fatal(err)
		}
		var dst struct {
			URL string `param:"/shop/url"`
		}
		if err := params.Load(t.Context(), cache, &dst); err != nil || dst.URL != "v" {
			t.Errorf("got %q, %v, want the value of the second try", dst.URL, err)
		}
	})
}
