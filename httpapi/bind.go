package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/jsonerr"
)

// bind fills the input v from a request. It returns all problems at once.
func (p *plan) bind(v reflect.Value, w http.ResponseWriter, r *http.Request, strict bool) *Error {
	var found problems
	var fewPairs [8]queryPair // on the stack
	var fewTexts [4]string
	var pairs []queryPair
	var claims *Claims
	for i := range p.fields {
		x := &p.fields[i]
		texts := fewTexts[:0]
		switch x.in {
		case "path":
			if text := r.PathValue(x.name); text != "" {
				texts = append(texts, text)
			}
		case "query":
			if pairs == nil {
				if strings.Count(r.URL.RawQuery, "&") >= maxQueryPairs {
					found.add(http.StatusBadRequest, x.in, "", "has more than %d parameters", maxQueryPairs)
					return found.err()
				}
				pairs = parseQuery(fewPairs[:0], r.URL.RawQuery)
			}
			broken := false
			for _, pair := range pairs {
				if pair.name == x.name {
					texts = append(texts, pair.value)
					broken = broken || pair.broken
				}
			}
			if broken {
				found.add(http.StatusBadRequest, x.in, x.name, "is malformed")
				continue
			}
		case "header":
			texts = r.Header[x.name]
			if x.name == "Host" { // net/http keeps it apart
				texts = []string{r.Host}
			}
			if x.slice {
				texts = splitValues(texts)
			}
		case "cookie":
			if c, err := r.Cookie(x.name); err == nil {
				texts = append(texts, c.Value)
			}
		case "auth":
			if claims == nil {
				if claims = readClaims(r.Context(), exactly); claims == nil {
					claims = new(Claims)
				}
			}
			texts = claims.texts(x.name)
		}
		x.bind(&found, v.FieldByIndex(x.index), texts)
	}
	if p.body != nil {
		p.body.bind(&found, v, w, r, strict)
	}
	return found.err()
}

// bind sets a field, or says what is wrong.
func (x *field) bind(found *problems, to reflect.Value, texts []string) {
	status := http.StatusBadRequest
	if x.in == "auth" {
		status = http.StatusUnauthorized
	}
	if len(texts) == 0 {
		switch {
		case x.initial.IsValid():
			x.set(to, x.standard) // again: requests must not share a pointer, or the bytes of an address
		case !x.optional && !x.pointer:
			found.add(status, x.in, x.name, "is required")
		}
		return
	}
	if err := x.set(to, texts); err != nil {
		to.SetZero()
		found.add(status, x.in, x.name, "must be %s", x.scalar.what)
		return
	}
	if problem := x.limits.check(to); problem != "" {
		found.add(status, x.in, x.name, "%s", problem)
	}
}

// maxQueryPairs bounds the memory that a query takes. It is the limit of net/url.
const maxQueryPairs = 10_000

// queryPair is a name and a value of a query. broken says that the value is malformed.
type queryPair struct {
	name, value string
	broken      bool
}

// parseQuery appends the pairs of a query.
func parseQuery(pairs []queryPair, raw string) []queryPair {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err != nil {
			continue // it is no name that a field can have
		}
		text, err := url.QueryUnescape(value)
		pairs = append(pairs, queryPair{name, text, err != nil})
	}
	return pairs
}

// splitValues returns the values of a list in headers, which are separated by commas.
func splitValues(lines []string) []string {
	var values []string
	for _, line := range lines {
		for line != "" {
			var v string
			v, line, _ = strings.Cut(line, ",")
			if v = strings.TrimSpace(v); v != "" {
				values = append(values, v)
			}
		}
	}
	return values
}

// texts returns the values of a claim, or of a value of a Lambda authorizer.
func (c *Claims) texts(name string) []string {
	for _, values := range []map[string]any{c.Claims, c.Values} {
		switch v := values[name].(type) {
		case nil:
		case string:
			return []string{v}
		case []any:
			var texts []string
			for _, e := range v {
				texts = append(texts, jsonText(e))
			}
			return texts
		default:
			return []string{jsonText(v)}
		}
	}
	if name == "principal" && c.Principal != "" {
		return []string{c.Principal}
	}
	return nil
}

// jsonText returns a text, or the JSON of any other value. A number that is written as 1.0 or 1e3 is 1 or
// 1000.
func jsonText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		if f, err := x.Float64(); err == nil && strings.ContainsAny(x.String(), ".eE") {
			v = f
		}
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// maxBody bounds a body that is read into memory. Lambda's own limit for an event is lower.
const maxBody = 10 << 20

// bind reads the body into its field of the input v.
func (b *bodyPlan) bind(found *problems, v reflect.Value, w http.ResponseWriter, r *http.Request, strict bool) {
	to := v.FieldByIndex(b.index)
	switch b.kind {
	case bodyReader:
		to.Set(reflect.ValueOf(r.Body))
		return
	case bodyForm:
		err := parseForm(w, r, maxBody)
		if err != nil {
			found.addUnread(err, "must be a form of the type multipart/form-data")
			return
		}
		to.Set(reflect.ValueOf(r.MultipartForm))
		return
	}
	var read bytes.Buffer
	if n := r.ContentLength; 0 < n && n < maxBody {
		read.Grow(int(n) + bytes.MinRead)
	}
	_, err := read.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	data := read.Bytes()
	switch {
	case len(data) > maxBody:
		found.addUnread(&http.MaxBytesError{Limit: maxBody}, "")
		return
	case err != nil:
		found.addUnread(err, "cannot be read")
		return
	}
	switch b.kind {
	case bodyBytes:
		to.SetBytes(data)
	case bodyText:
		to.SetString(string(data))
	default:
		b.bindJSON(found, to, r, data, strict)
	}
}

func (b *bodyPlan) bindJSON(found *problems, to reflect.Value, r *http.Request, data []byte, strict bool) {
	if len(data) == 0 {
		if !b.pointer {
			found.add(http.StatusBadRequest, "body", "", "is required")
		}
		return
	}
	if kind := r.Header.Get("Content-Type"); kind != "" && kind != "application/json" {
		media, _, err := mime.ParseMediaType(kind)
		if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
			found.add(http.StatusUnsupportedMediaType, "body", "", "must be JSON")
			return
		}
	}
	if err := decodeJSON(data, to.Addr().Interface(), strict); err != nil {
		b.describe(found, err, r)
		return
	}
	if b.members != nil {
		b.members.check(found, to, data, "")
	}
}

// decodeJSON decodes data, which must be one JSON value.
func decodeJSON(data []byte, v any, strict bool) error {
	if !strict {
		return json.Unmarshal(data, v)
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if len(bytes.TrimLeft(data[d.InputOffset():], " \t\r\n")) > 0 {
		return errUnexpected
	}
	return nil
}

var errUnexpected = errors.New("text after the JSON value")

// describe adds the problem of an error of encoding/json, whose text may repeat the body.
func (b *bodyPlan) describe(found *problems, err error, r *http.Request) {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case syntax, errors.Is(err, io.ErrUnexpectedEOF), err == errUnexpected:
		found.add(http.StatusBadRequest, "body", "", "is not valid JSON")
	case ok:
		name, _, _ := jsonerr.Describe(b.typ, err, false)
		found.add(http.StatusUnprocessableEntity, "body", name, "must be %s", jsonKind(wrong.Type))
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		found.add(http.StatusUnprocessableEntity, "body", "", "has an unknown member")
	default:
		detail := "has a value in another form"
		if execenv.FromContext(r.Context()).Local() {
			detail += ": " + err.Error()
		}
		found.add(http.StatusUnprocessableEntity, "body", "", "%s", detail)
	}
}

// jsonKind returns the kind of JSON value that fits a type.
func jsonKind(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case reflect.PointerTo(t).Implements(textType), t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "a string"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	if isNumber(t) {
		s, _ := scalarOf(t)
		return s.what
	}
	return "of another type"
}
