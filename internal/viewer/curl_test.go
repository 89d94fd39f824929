package viewer

import (
	"encoding/json"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// args returns the arguments that a shell gives to curl in a command, and the standard input of curl.
func args(t *testing.T, command string) []string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		if runtime.GOOS == "windows" {
			t.Skip("Windows has no sh")
		}
		t.Fatal(err)
	}
	const curl = `curl() { for a; do printf '%s\n' "$a"; case $a in @-) cat;; esac; done; }` + "\n"
	out, err := exec.CommandContext(t.Context(), sh, "-c", curl+command).Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

func TestCurl_OfEachFrontEndSendsTheRequest(t *testing.T) {
	t.Parallel()
	for _, template := range Templates(0) {
		if template.Group != "HTTP" {
			continue
		}
		var event struct{ Body string }
		if err := json.Unmarshal([]byte(template.Text), &event); err != nil {
			t.Fatal(err)
		}
		got := "\n" + strings.ToLower(strings.Join(args(t, curlCommand([]byte(template.Text), "http://127.0.0.1:8080/", "http://unused")), "\n")) + "\n"
		for _, want := range []string{"-x\npost", "http://127.0.0.1:8080/orders?channel=web", "-h\ncontent-type: application/json", "-h\nauthorization: bearer example", "--data-raw\n" + strings.ToLower(event.Body)} {
			if !strings.Contains(got, "\n"+want+"\n") {
				t.Errorf("%s: got %s, want %q", template.Name, got, want)
			}
		}
		if template.Name != "VPC Lattice" && strings.Count(got, "session=example") != 1 {
			t.Errorf("%s: got %s, want one cookie", template.Name, got)
		}
		for _, unwanted := range []string{"host:", "content-length:", "x-forwarded", "trace"} {
			if strings.Contains(got, unwanted) {
				t.Errorf("%s: got %s, want no %s", template.Name, got, unwanted)
			}
		}
	}
}

func TestCurl_QuotesEverything(t *testing.T) {
	t.Parallel()
	hostile := "';echo $(id) `id` \\ \"x\" #"
	event, err := json.Marshal(map[string]any{
		"httpMethod": "POST", "path": "/" + hostile, "headers": map[string]string{"x-a": hostile}, "body": hostile, "cookies": []string{hostile},
		"queryStringParameters": map[string]any{"q": []string{"a b", "&"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := args(t, curlCommand(event, "http://127.0.0.1:1", ""))
	path := `';echo%20$(id)%20%60id%60%20%5C%20%22x%22%20%23`
	want := []string{"--globoff", "--path-as-is", "-X", "POST", "http://127.0.0.1:1/" + path + "?q=a+b&q=%26", "-H", "x-a: " + hostile, "-b", hostile, "--data-raw", hostile}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCurl_MembersOfEachFrontEnd(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"httpMethod":"GET"}`:  "-X GET http://h/",
		`{"httpMethod":"HEAD"}`: "--head http://h/",
		`{"version":"2.0","rawPath":"/a b/é?#%20%2","rawQueryString":"filter[name]={x}","requestContext":{"http":{"method":"GET"}}}`: "-X GET http://h/a%20b/%C3%A9%3F%23%20%252?filter[name]={x}",
		`{"httpMethod":"GET","headers":{"x-empty":""}}`: "-X GET http://h/ -H x-empty;",
		`{"httpMethod":"GET","path":"/a","queryStringParameters":{"q":"lost"},"multiValueQueryStringParameters":{"q":["1","a b"],"b":["&"]}}`:                             "-X GET http://h/a?b=%26&q=1&q=a+b",
		`{"httpMethod":"GET","path":"/a","requestContext":{"elb":{}},"queryStringParameters":{"q":"a%20b"}}`:                                                              "-X GET http://h/a?q=a%20b",
		`{"method":"GET","raw_path":"/a","query_string_parameters":{"q":"a b"},"body":"e30=","is_base64_encoded":true}`:                                                   "-X GET http://h/a?q=a+b --data-binary @- {}",
		`{"rawPath":"/a","path":"/b","rawQueryString":"q=%20","queryStringParameters":{"q":"lost"},"requestContext":{"http":{"method":"PUT"}}}`:                           "-X PUT http://h/a?q=%20",
		`{"httpMethod":"GET","headers":{"x-a":"lost"},"multiValueHeaders":{"x-b":["1","2"],"Cookie":["a=1"]},"cookies":["lost"]}`:                                         "-X GET http://h/ -H Cookie: a=1 -H x-b: 1 -H x-b: 2",
		`{"httpMethod":"GET","cookies":["a=1","b=2"],"headers":{"Via":"1","USER-AGENT":"2","X-Forwarded-For":"3","x-amzn-trace-id":"4","Host":"5","Content-Length":"6"}}`: "-X GET http://h/ -b a=1; b=2",
		`{"httpMethod":"GET","headers":{"x-a":1}}`: "", // not a request
	} {
		command := curlCommand([]byte(event), "http://h/", "")
		if want == "" {
			if command != "" {
				t.Errorf("%s: got %q, want no command", event, command)
			}
			continue
		}
		if got := strings.Join(args(t, command), " "); got != "--globoff --path-as-is "+want {
			t.Errorf("%s: got %q, want %q", event, got, want)
		}
	}
}

func TestCurl_DecodesBase64(t *testing.T) {
	t.Parallel()
	got := args(t, curlCommand([]byte(`{"rawPath":"/a","requestContext":{"http":{"method":"PUT"}},"body":"b25lIHR3bw==","isBase64Encoded":true}`), "http://h", ""))
	if text := strings.Join(got, " "); text != "--globoff --path-as-is -X PUT http://h/a --data-binary @- one two" {
		t.Errorf("got %q, want the decoded body as the standard input", text)
	}
}

func TestCurl_OfOtherEventsInvokesTheFunction(t *testing.T) {
	t.Parallel()
	const event = `{"it's":1}`
	if got := args(t, curlCommand([]byte(event), "http://unused", "http://127.0.0.1:9001/x")); strings.Join(got, " ") != "--data-raw "+event+" http://127.0.0.1:9001/x" {
		t.Errorf("got %q, want the event as the body", got)
	}
	if got := curlCommand([]byte(event), "http://unused", ""); got != "" {
		t.Errorf("got %q, want no command", got)
	}
	if got := curlCommand([]byte(`{"httpMethod":"GET"}`), "", ""); got != "" {
		t.Errorf("got %q, want no command", got)
	}
}
