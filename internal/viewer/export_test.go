package viewer

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestExport_HidesCredentialsOfEventsAndResponses(t *testing.T) {
	t.Parallel()
	srv, s, _ := serve(t)
	const event = `{"headers":{"Authorization":"Bearer s3cret","x-other":"kept"},"multiValueHeaders":{"Cookie":["s3cret"]},"cookies":["s3cret"],` +
		`"requestContext":{"identity":{"apiKey":"s3cret"}},"body":"{\"x-api-key\":\"s3cret\",\"order\":\"kept\"}"}`
	s.Store.Begin("b", "event.json", []byte(event), start)
	s.Store.End(result("b", `{"statusCode":200,"headers":{"Set-Cookie":"s3cret"},"body":"kept"}`), nil, 0)
	resp, err := http.DefaultClient.Do(authorized(t, srv.URL+"/api/invocations/b/export"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, want := resp.Header.Get("Content-Disposition"), `attachment; filename="orders-2.json"`; got != want {
		t.Errorf("got the header %q, want %q", got, want)
	}
	var file struct {
		Function   string
		Invocation Invocation
	}
	if err := json.NewDecoder(resp.Body).Decode(&file); err != nil {
		t.Fatal(err)
	}
	if file.Function != "orders" || file.Invocation.ID != "b" {
		t.Errorf("got the function %q and the invocation %q, want orders and b", file.Function, file.Invocation.ID)
	}
	body := `{"x-api-key":"(hidden)","order":"kept"}`
	for _, c := range []struct{ got, want string }{
		{file.Invocation.Event.Decoded, body},
		{file.Invocation.Response.Text, `{"statusCode":200,"headers":{"Set-Cookie":"(hidden)"},"body":"kept"}`},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	// A secret in a text inside of a text stays. The page shows it, too.
	if n := strings.Count(file.Invocation.Event.Text, "s3cret"); n != 1 || strings.Count(file.Invocation.Event.Text, "(hidden)") != 4 {
		t.Errorf("got %s, want 4 hidden values", file.Invocation.Event.Text)
	}
}

func TestExport_HidesCredentialsOfRecords(t *testing.T) {
	t.Parallel()
	srv, s, _ := serve(t)
	s.Store.SetState(func(st *State) { st.Function = "../été" })
	s.Store.Begin("b", "", []byte(`{"Records":[{"eventSource":"aws:sqs","messageId":"m-1","body":"{\"cookie\":\"s3cret\"}"}]}`), start)
	s.Store.End(result("b", "1"), nil, 0)
	status, body := do(t, "GET", srv.URL+"/api/invocations/b/export", "")
	var file struct{ Invocation Invocation }
	if err := json.Unmarshal([]byte(body), &file); err != nil || status != http.StatusOK || len(file.Invocation.Batch) != 1 {
		t.Fatalf("got %d, %v and %+v, want one record", status, err, file)
	}
	if got, want := file.Invocation.Batch[0].Body, `{"cookie":"(hidden)"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for function, want := range map[string]string{"orders-2_x": "orders-2_x", "../été": "_t_", "": "invocation"} {
		if got := fileName(function); got != want {
			t.Errorf("%q: got the file name %q, want %q", function, got, want)
		}
	}
	for text, want := range map[string]string{`not JSON`: `not JSON`, `{"Proxy-Authorization":1}`: `{"Proxy-Authorization":"(hidden)"}`} {
		if got := withoutSecrets(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func authorized(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer secret")
	return req
}

func TestExport_OfUnknownInvocations(t *testing.T) {
	t.Parallel()
	srv, _, _ := serve(t)
	for _, what := range []string{"export", "curl"} {
		if status, body := do(t, "GET", srv.URL+"/api/invocations/none/"+what, ""); status != http.StatusNotFound {
			t.Errorf("%s: got %d %s, want 404", what, status, body)
		}
	}
	if status, body := do(t, "GET", srv.URL+"/api/invocations/a/curl", ""); status != http.StatusConflict || !strings.Contains(body, "-http or -serve") {
		t.Errorf("got %d %s, want 409", status, body)
	}
}
