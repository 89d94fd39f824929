package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// ownStatus has a Validate method that returns an Error with the status.
type ownStatus struct {
	Status int `query:"status"`
}

func (o ownStatus) Validate() error { return &httpapi.Error{Status: o.Status, Detail: "no"} }

func TestFunc_ValidateReturnsAnErrorWithAnyStatus(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(context.Context, ownStatus) (struct{}, error) { return struct{}{}, nil })
	for status, want := range map[string]int{"0": 422, "200": 422, "600": 422, "409": 409, "503": 503} {
		w := do(h, "GET", "/?status="+status, "")
		if w.Code != want || !strings.Contains(w.Body.String(), `"detail":"no"`) {
			t.Errorf("%s: got %d %s, want %d and the detail", status, w.Code, w.Body, want)
		}
	}
}

func TestFunc_AProblemHasNoHeadersOfTheOutput(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(context.Context, struct{}) (httpapi.Response[any], error) {
		return httpapi.Response[any]{
			Header:  http.Header{"Content-Encoding": {"gzip"}, "Etag": {`"1"`}},
			Cookies: []*http.Cookie{{Name: "session", Value: "s"}},
			Body:    func() {}, // has no JSON
		}, nil
	})
	w := do(h, "GET", "/", "")
	if w.Code != 500 || len(w.Header()) != 1 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d and the headers %v, want 500 and the content type alone", w.Code, w.Header())
	}
}

func TestFunc_TheHeaderOfAnOutputIsNotChanged(t *testing.T) {
	t.Parallel()
	values := []string{"a=1", ""}
	h := httpapi.Func(func(context.Context, struct{}) (httpapi.Response[string], error) {
		return httpapi.Response[string]{Header: http.Header{"Set-Cookie": values[:1]}, Cookies: []*http.Cookie{{Name: "b", Value: "2"}}}, nil
	})
	w := do(h, "GET", "/", "")
	if got := w.Header()["Set-Cookie"]; len(got) != 2 || values[1] != "" {
		t.Errorf("got the cookies %q and %q behind the header, want two cookies and nothing behind", got, values[1])
	}
}

func TestFunc_RepeatedMembersDoNotPassConstraints(t *testing.T) {
	t.Parallel()
	type limited struct {
		A int `json:"a" maximum:"5"`
	}
	type body struct {
		In struct {
			Deep limited   `json:"deep"`
			List []limited `json:"list"`
		} `json:"in"`
		Named map[string]limited `json:"named"`
		Plain []int              `json:"plain"`
		Note  string             `json:"note"`
	}
	h := httpapi.Func(func(_ context.Context, in struct{ Body body }) (struct{}, error) { return struct{}{}, nil })
	for text, want := range map[string]int{
		`{"in":{"deep":{"a":100}},"in":{}}`:            422,
		`{"in":{"deep":{"a":100}},"IN":{"list":[]}}`:   422,
		`{"in":{"list":[{"a":100}]},"in":{}}`:          422,
		`{"in":{"deep":{"a":100},"deep":{}}}`:          422,
		`{"named":{"x":{"a":100}},"named":{}}`:         422,
		`{"named":{"x":{"a":1}},"named":null}`:         204,
		`{"named":{"x":{"a":100},"x":{}}}`:             204, // the last x counts, and has no a
		`{"plain":[1],"plain":[],"note":"","note":""}`: 204, // without constraints inside
	} {
		if w := do(h, "POST", "/", text); w.Code != want {
			t.Errorf("%s: got %d %s, want %d", text, w.Code, w.Body, want)
		}
	}
}

// upper is a key of a map in upper case.
type upper string

func (u *upper) UnmarshalText(b []byte) error {
	*u = upper(strings.ToUpper(string(b)))
	return nil
}

func TestFunc_ConstraintsOfUnusualMembers(t *testing.T) {
	t.Parallel()
	type limited struct {
		A int `json:"a" maximum:"5"`
	}
	h := httpapi.Func(func(_ context.Context, in struct {
		Body struct {
			Numbers   map[int]limited           `json:"numbers"`
			Texts     map[upper]limited         `json:"texts"`
			Durations map[time.Duration]limited `json:"durations"`
			//lint:ignore SA5008 encoding/json reads and writes the member "-"
			Dash int `json:"-," maximum:"5"`
			Left int `json:"-"`
		}
	}) (struct{}, error) {
		return struct{}{}, nil
	})
	for text, want := range map[string]int{
		`{"numbers":{"1":{"a":5}},"texts":{"x":{"a":5}},"durations":{"1":{"a":5}},"-":5}`: 204,
		`{"numbers":{"1":{"a":6}}}`:   422,
		`{"texts":{"x":{"a":6}}}`:     422,
		`{"durations":{"1":{"a":6}}}`: 422,
		`{"-":6}`:                     422,
	} {
		if w := do(h, "POST", "/", text); w.Code != want {
			t.Errorf("%s: got %d %s, want %d", text, w.Code, w.Body, want)
		}
	}
}

func TestFunc_RequiredMembersOfAnEmbeddedPointer(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		Body struct {
			*Embedded
			Note string `json:"note"`
		}
	}) (int, error) {
		return in.Body.Count, nil
	})
	for text, want := range map[string]int{`{"count":2}`: 200, `{}`: 422, `{"note":"a"}`: 422} {
		if w := do(h, "POST", "/", text); w.Code != want {
			t.Errorf("%s: got %d %s, want %d", text, w.Code, w.Body, want)
		}
	}
}

type Embedded struct {
	Count int `json:"count" required:"true"`
}

func TestFunc_QueriesAreBounded(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		IDs []int `query:"id"`
	}) (int, error) {
		return len(in.IDs), nil
	})
	for n, want := range map[int]string{10_000: "10000", 10_001: `"detail":"has more than 10000 parameters"`} {
		w := do(h, "GET", "/?"+strings.Repeat("id=1&", n-1)+"id=1", "")
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d parameters: got %d %s, want %s", n, w.Code, w.Body, want)
		}
	}
}

func TestFunc_BodiesAreBounded(t *testing.T) {
	t.Parallel()
	const most = 10 << 20
	big := strings.Repeat("x", most+1)
	form := "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + big + "\r\n--x--\r\n"
	for name, w := range map[string]*httptest.ResponseRecorder{
		"bytes": do(httpapi.Func(func(context.Context, struct{ Body []byte }) (struct{}, error) { return struct{}{}, nil }), "POST", "/", big),
		"JSON":  do(httpapi.Func(func(context.Context, struct{ Body []int }) (struct{}, error) { return struct{}{}, nil }), "POST", "/", big),
		"form": do(httpapi.Func(func(context.Context, struct{ Body *multipart.Form }) (struct{}, error) { return struct{}{}, nil }), "POST", "/", form,
			"Content-Type", "multipart/form-data; boundary=x"),
	} {
		if w.Code != 413 || !strings.Contains(w.Body.String(), "must have at most 10485760 bytes") {
			t.Errorf("%s: got %d %s, want 413 and the limit", name, w.Code, w.Body)
		}
	}
}

func TestFunc_RequestsDoNotShareDefaults(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		Limit *int   `query:"limit" default:"20"`
		From  net.IP `query:"from" default:"192.0.2.1"`
	}) (string, error) {
		got := fmt.Sprint(*in.Limit, in.From)
		*in.Limit, in.From[len(in.From)-1] = 7, 7
		return got, nil
	})
	for range 2 {
		if w := do(h, "GET", "/", ""); w.Body.String() != "20 192.0.2.1" {
			t.Errorf("got %s, want the defaults", w.Body)
		}
	}
}

func TestFunc_AnInvalidStatusOfAResponseIsAFailure(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{-1: 500, 42: 500, 100: 500, 101: 500, 199: 500, 200: 200, 599: 599, 600: 500, 1000: 500} {
		h := httpapi.Func(func(context.Context, struct{}) (httpapi.Response[string], error) {
			return httpapi.Response[string]{Status: status, Body: "x"}, nil
		})
		res := lambdatest.Run(t, httpapi.Wrap(h), getEvent)
		if !strings.Contains(string(res.Response), fmt.Sprintf(`"statusCode":%d,`, want)) || (want >= 500) != (res.Err != nil) {
			t.Errorf("%d: got %s and the error %v, want %d", status, res.Response, res.Err, want)
		}
	}
}

func TestFunc_NumbersOfClaimsAreExact(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(_ context.Context, in struct {
		User  string   `auth:"user"`
		Level int64    `auth:"level"`
		Teams []string `auth:"teams"`
	}) (any, error) {
		return []any{in.User, in.Level, in.Teams}, nil
	})
	const event = `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"},"authorizer":{"lambda":` +
		`{"user":9007199254740993,"level":9007199254740995,"teams":[12345678901234567890,"a",true,1.0]}}}}`
	res := lambdatest.Run(t, httpapi.Wrap(h), event)
	want := `["9007199254740993",9007199254740995,["12345678901234567890","a","true","1"]]`
	var got struct{ Body string }
	if err := json.Unmarshal(res.Response, &got); err != nil || got.Body != want {
		t.Errorf("got %s and the error %v, want %s", res.Response, err, want)
	}
}

func TestRequest_AddressesOfClients(t *testing.T) {
	t.Parallel()
	for forwarded, want := range map[string]string{
		"203.0.113.7":                    "203.0.113.7:0",
		"10.0.0.1, 203.0.113.7":          "203.0.113.7:0",
		"203.0.113.7:4711":               "203.0.113.7:0", // routing.http.xff_client_port.enabled
		"10.0.0.1:1, [2001:db8::7]:4711": "[2001:db8::7]:0",
		"2001:db8::7":                    "[2001:db8::7]:0",
		"[2001:db8::7]":                  "[2001:db8::7]:0",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		event := `{"requestContext":{"elb":{"targetGroupArn":"x"}},"httpMethod":"GET","path":"/","headers":{"x-forwarded-for":"` + forwarded + `"},"body":""}`
		lambdatest.Run(t, httpapi.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, in *http.Request) { r = in })), event)
		if r.RemoteAddr != want {
			t.Errorf("%q: got %s, want %s", forwarded, r.RemoteAddr, want)
		}
	}
}

func TestRecover_NeverCompletesHalfAResponse(t *testing.T) {
	t.Parallel()
	url := strings.Replace(getEvent, `"stage"`, `"domainName":"x.lambda-url.eu-west-1.on.aws","stage"`, 1)
	for name, c := range map[string]struct {
		begin func(http.ResponseWriter)
		whole bool
	}{
		"nothing": {func(http.ResponseWriter) {}, true},
		"header":  {func(w http.ResponseWriter) { w.Header().Set("X-A", "1") }, true},
		"hints":   {func(w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints) }, true},
		"status":  {func(w http.ResponseWriter) { w.WriteHeader(200) }, false},
		"body":    {func(w http.ResponseWriter) { io.WriteString(w, "half") }, false},
		"flush":   {func(w http.ResponseWriter) { w.(http.Flusher).Flush() }, false},
		"control": {func(w http.ResponseWriter) { http.NewResponseController(w).Flush() }, false},
	} {
		h := httpapi.Recover(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c.begin(w)
			panic("boom")
		}))
		for mode, handler := range map[string]any{"whole": httpapi.Wrap(h), "stream": httpapi.WrapStream(h)} {
			res := lambdatest.Run(t, handler, url)
			if answered := strings.Contains(string(res.Response), "Internal Server Error"); answered != c.whole || res.Err == nil {
				t.Errorf("%s, %s: got the response %q and the error %v, want a problem: %v", name, mode, res.Response, res.Err, c.whole)
			}
		}
	}
}

func TestWrapStream_TheRequestEndsIfTheResponseIsClosed(t *testing.T) {
	t.Parallel()
	url := strings.Replace(getEvent, `"stage"`, `"domainName":"x.lambda-url.eu-west-1.on.aws","stage"`, 1)
	synctest.Test(t, func(t *testing.T) { // fails if the handler waits for ever
		h := httpapi.WrapStream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "first")
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
			if _, err := io.WriteString(w, "second"); err == nil {
				t.Error("got no error of a write after the end, want one")
			}
		}))
		s, err := h(context.Background(), json.RawMessage(url))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		s.Close()
	})
}
