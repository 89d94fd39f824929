package paramsgolden

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// request is one on the wire, as its operation has it.
type request struct {
	op    string
	input map[string]any
}

func (r request) String() string {
	text, _ := json.Marshal(r.input)
	return r.op + " " + string(text)
}

// backend answers as the case says.
type backend struct {
	Parameters map[string]any
	Secrets    map[string]map[string]any
	Contents   []string
	Items      []map[string]map[string]any
	KeyAttr    string
	PageSize   int
	Fail       *struct {
		Status        int
		Type, Message string
	}

	t         *testing.T
	mu        sync.Mutex
	requests  []request
	published string          // the configuration that there is now
	tokens    map[string]bool // good for one call each; whether it is the first of its session
	given     string          // the configuration that was answered last
	serial    int
}

// take returns the requests since it was called last.
func (b *backend) take() []request {
	b.mu.Lock()
	defer b.mu.Unlock()
	rs := b.requests
	b.requests = nil
	return rs
}

// publish makes the last of the first n contents that is not empty the configuration: an
// empty one means that nothing has changed.
func (b *backend) publish(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.Contents[:max(0, min(n, len(b.Contents)))] {
		if text != "" {
			b.published = text
		}
	}
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, _ := io.ReadAll(r.Body)
	req := request{input: map[string]any{}}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &req.input); err != nil {
			b.t.Errorf("the body of a request is no object: %s", text)
		}
	}
	_, req.op, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case r.Method == "POST" && r.URL.Path == "/configurationsessions":
		req.op = "StartConfigurationSession"
	case r.Method == "GET" && r.URL.Path == "/configuration":
		req.op = "GetLatestConfiguration"
		req.input["ConfigurationToken"] = r.URL.Query().Get("configuration_token")
	}
	b.requests = append(b.requests, req)
	if b.Fail != nil {
		fail(w, b.Fail.Status, b.Fail.Type, b.Fail.Message)
		return
	}
	answer := map[string]func(http.ResponseWriter, map[string]any){
		"GetParameter": b.getParameter, "GetParameters": b.getParameters, "GetParametersByPath": b.getParametersByPath,
		"PutParameter": b.putParameter, "GetSecretValue": b.getSecretValue, "PutSecretValue": b.putSecretValue,
		"CreateSecret": b.createSecret, "StartConfigurationSession": b.startSession,
		"GetLatestConfiguration": b.getConfiguration, "GetItem": b.getItem, "Query": b.query,
	}[req.op]
	if answer == nil {
		b.t.Errorf("a request that this test does not know: %s %s %s", r.Method, r.URL, req)
		fail(w, 400, "UnknownOperationException", req.op)
		return
	}
	answer(w, req.input)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Amzn-ErrorType", code)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"__type": code, "message": message})
}

func reply(w http.ResponseWriter, v map[string]any) { json.NewEncoder(w).Encode(v) }

func (b *backend) parameter(name string) map[string]any {
	switch v := b.Parameters[name].(type) {
	case string:
		return map[string]any{"Name": name, "Value": v, "Type": "String", "Version": 1}
	case map[string]any:
		p := map[string]any{"Name": name, "Type": "String", "Version": 1}
		maps.Copy(p, v)
		return p
	}
	return nil
}

func (b *backend) getParameter(w http.ResponseWriter, in map[string]any) {
	name, _ := in["Name"].(string)
	if p := b.parameter(name); p != nil {
		reply(w, map[string]any{"Parameter": p})
	} else {
		fail(w, 400, "ParameterNotFound", "")
	}
}

func (b *backend) getParameters(w http.ResponseWriter, in map[string]any) {
	found, invalid := []any{}, []any{}
	names, _ := in["Names"].([]any)
	for _, n := range names {
		name, _ := n.(string)
		if p := b.parameter(name); p != nil {
			found = append(found, p)
		} else {
			invalid = append(invalid, name)
		}
	}
	if len(names) > 10 {
		fail(w, 400, "ValidationException", "more than ten names")
		return
	}
	slices.Reverse(found) // the service keeps no order
	reply(w, map[string]any{"Parameters": found, "InvalidParameters": invalid})
}

// page returns the part of a list that a token stands for, and the next token.
func page[T any](b *backend, all []T, token any) ([]T, string) {
	text, _ := token.(string)
	from, _ := strconv.Atoi(text)
	from = min(from, len(all))
	to := len(all)
	if b.PageSize > 0 {
		to = min(from+b.PageSize, to)
	}
	if to == len(all) {
		return all[from:], ""
	}
	return all[from:to], strconv.Itoa(to)
}

func (b *backend) getParametersByPath(w http.ResponseWriter, in map[string]any) {
	path, _ := in["Path"].(string)
	path = strings.TrimSuffix(path, "/") + "/"
	found := []any{}
	for _, name := range slices.Sorted(maps.Keys(b.Parameters)) {
		rest, ok := strings.CutPrefix(name, path)
		if ok && (in["Recursive"] == true || !strings.Contains(rest, "/")) {
			found = append(found, b.parameter(name))
		}
	}
	found, next := page(b, found, in["NextToken"])
	out := map[string]any{"Parameters": found}
	if next != "" {
		out["NextToken"] = next
	}
	reply(w, out)
}

func (b *backend) putParameter(w http.ResponseWriter, in map[string]any) {
	name, _ := in["Name"].(string)
	if b.Parameters[name] != nil && in["Overwrite"] != true {
		fail(w, 400, "ParameterAlreadyExists", "exists")
		return
	}
	reply(w, map[string]any{"Version": 3, "Tier": "Standard"})
}

func (b *backend) getSecretValue(w http.ResponseWriter, in map[string]any) {
	name, _ := in["SecretId"].(string)
	s := b.Secrets[name]
	if s == nil {
		fail(w, 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
		return
	}
	out := map[string]any{"ARN": "arn:" + name, "Name": name, "VersionId": "v1"}
	for k, v := range s {
		if m, ok := v.(map[string]any); ok && len(m) == 1 && m["$bytes"] != nil {
			v = m["$bytes"]
		}
		out[k] = v
	}
	reply(w, out)
}

func (b *backend) putSecretValue(w http.ResponseWriter, in map[string]any) {
	if name, _ := in["SecretId"].(string); b.Secrets[name] == nil {
		fail(w, 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
		return
	}
	reply(w, map[string]any{"Name": in["SecretId"], "VersionId": "v2"})
}

func (b *backend) createSecret(w http.ResponseWriter, in map[string]any) {
	reply(w, map[string]any{"Name": in["Name"], "VersionId": "v1"})
}

func (b *backend) token(prefix string, first bool) string {
	b.serial++
	text := prefix + "-" + strconv.Itoa(b.serial)
	if b.tokens == nil {
		b.tokens = map[string]bool{}
	}
	b.tokens[text] = first
	return text
}

func (b *backend) startSession(w http.ResponseWriter, _ map[string]any) {
	w.WriteHeader(201)
	reply(w, map[string]any{"InitialConfigurationToken": b.token("session", true)})
}

// getConfiguration answers as the service does: the first answer of a session is the whole
// configuration, later ones are empty where it is still the same.
func (b *backend) getConfiguration(w http.ResponseWriter, in map[string]any) {
	text, _ := in["ConfigurationToken"].(string)
	first, ok := b.tokens[text]
	if !ok {
		b.t.Errorf("the token %q was not issued, or is used twice", text)
		fail(w, 400, "BadRequestException", "token")
		return
	}
	delete(b.tokens, text)
	w.Header().Set("Next-Poll-Configuration-Token", b.token("next", false))
	w.Header().Set("Content-Type", "application/octet-stream")
	if first || b.given != b.published {
		io.WriteString(w, b.published)
	}
	b.given = b.published
}

// resolve replaces the placeholders in an expression by the attributes' names.
func resolve(expression, names any) string {
	text, _ := expression.(string)
	m, _ := names.(map[string]any)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		name, _ := m[k].(string)
		text = strings.ReplaceAll(text, k, "`"+name+"`")
	}
	return text
}

// project returns the attributes of an item that a request is for.
func project(item map[string]map[string]any, in map[string]any) map[string]any {
	out := map[string]any{}
	expression := resolve(in["ProjectionExpression"], in["ExpressionAttributeNames"])
	for name, v := range item {
		if expression == "" || strings.Contains(expression, "`"+name+"`") {
			out[name] = v
		}
	}
	return out
}

func sameKey(item map[string]map[string]any, key map[string]any) bool {
	for name, v := range key {
		a, _ := json.Marshal(item[name])
		b, _ := json.Marshal(v)
		if string(a) != string(b) {
			return false
		}
	}
	return true
}

func (b *backend) getItem(w http.ResponseWriter, in map[string]any) {
	key, _ := in["Key"].(map[string]any)
	for _, item := range b.Items {
		if sameKey(item, key) {
			reply(w, map[string]any{"Item": project(item, in)})
			return
		}
	}
	reply(w, map[string]any{})
}

func (b *backend) query(w http.ResponseWriter, in map[string]any) {
	names, _ := in["ExpressionAttributeNames"].(map[string]any)
	values, _ := in["ExpressionAttributeValues"].(map[string]any)
	left, right, _ := strings.Cut(in["KeyConditionExpression"].(string), " = ")
	attr, _ := names[left].(string)
	var found []map[string]any
	for _, item := range b.Items {
		if sameKey(item, map[string]any{attr: values[right]}) {
			found = append(found, project(item, in))
		}
	}
	start, _ := in["ExclusiveStartKey"].(map[string]any)
	from, _ := start["page"].(map[string]any)
	found, next := page(b, found, from["S"])
	out := map[string]any{"Items": found}
	if found == nil {
		out["Items"] = []any{}
	}
	if next != "" {
		out["LastEvaluatedKey"] = map[string]any{"page": map[string]any{"S": next}}
	}
	reply(w, out)
}
