package xray

import (
	"math"
	"net/netip"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// object collects the members of an object, which is left out where there are none.
type object struct {
	e     *encoder
	open  string // what comes before the first member
	begun bool
}

// key begins a member.
func (o *object) key(name string) {
	if o.begun {
		o.e.raw(`,"`)
	} else {
		o.e.raw(o.open)
		o.e.raw(`"`)
		o.begun = true
	}
	o.e.buf = jsonenc.AppendEscaped(o.e.buf, name)
	o.e.raw(`":`)
}

func (o *object) text(name, value string, limit int) {
	if value != "" {
		o.key(name)
		o.e.text(value, limit)
	}
}

func (o *object) close() {
	if o.begun {
		o.e.raw(`}`)
	}
}

// maxURL bounds URLs, for which no limit is documented.
const maxURL = 2_048

func (e *encoder) http() {
	f := &e.facts
	method := f.peek(httpMethod)
	status, hasStatus := f.value(httpStatus)
	url := f.url()
	if method == "" && !hasStatus && url == "" {
		return
	}
	http := object{e: e, open: `,"http":{`}
	if method != "" || url != "" {
		http.key("request")
		request := object{e: e, open: `{`}
		request.text("method", f.text(httpMethod), maxText)
		request.text("url", url, maxURL)
		request.text("user_agent", f.text(userAgent), maxText)
		if ip := f.peek(clientIP); ip != "" && isIP(ip) {
			request.text("client_ip", f.text(clientIP), maxText)
			if f.peek(peerIP) == "" && e.span.Segment {
				request.key("x_forwarded_for")
				e.raw(`true`)
			}
		} else {
			request.text("client_ip", f.text(peerIP), maxText)
		}
		request.close()
	}
	size, hasSize := f.number(responseSize)
	if n, ok := f.value(messageSize); ok && !hasSize && e.received() && n.Type() == attribute.INT64 {
		size, hasSize = f.number(messageSize)
	}
	if hasSize || hasStatus && status.Type() == attribute.INT64 {
		http.key("response")
		response := object{e: e, open: `{`}
		if n, ok := f.number(httpStatus); ok {
			response.key("status")
			e.buf = appendInt(e.buf, n)
		}
		if hasSize {
			response.key("content_length")
			e.buf = appendInt(e.buf, size)
		}
		response.close()
	}
	http.close()
}

// received reports whether sizes of messages are those of responses.
func (e *encoder) received() bool {
	if e.facts.peek(messageType) == "RECEIVED" {
		return true
	}
	for i := range e.span.Events {
		for _, a := range e.span.Events[i].Attributes {
			if a.Key == "message.type" && a.Value.Type() == attribute.STRING && a.Value.AsString() == "RECEIVED" {
				return true
			}
		}
	}
	return false
}

func isIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// url returns the address of the request, put together where it came in parts; empty
// where the span is not one of HTTP.
func (f *facts) url() string {
	if full := f.text(urlFull); full != "" {
		for _, part := range []kind{httpFlavourHost, httpScheme, httpTarget, netPeerName, netPeerPort, serverAddress, serverPort, urlPath, urlQuery} {
			f.used[part] = true
		}
		return safeURL(full)
	}
	scheme := f.peek(httpScheme)
	target := f.peek(httpTarget)
	path := f.peek(urlPath)
	if f.peek(httpMethod) == "" && target == "" && path == "" {
		return ""
	}
	var host, port string
	if f.span.Kind == trace.SpanKindServer {
		host = f.first(httpFlavourHost, httpServerName, netHostName, hostName, serverAddress)
		port = f.port(netHostPort, serverPort)
	} else {
		host = f.first(httpFlavourHost, netPeerName, peerIP, serverAddress)
		port = f.port(netPeerPort, serverPort)
	}
	if host == "" {
		return ""
	}
	f.used[httpScheme] = scheme != ""
	if scheme == "" {
		scheme = "http"
	}
	url := scheme + "://" + host
	if port != "" && !strings.Contains(host, ":") && !(scheme == "http" && port == "80") && !(scheme == "https" && port == "443") {
		url += ":" + port
	}
	if target == "" {
		target = path
		f.used[urlPath] = true
		if query := f.text(urlQuery); query != "" {
			target += "?" + query
		}
	} else {
		f.used[httpTarget] = true
	}
	if !strings.HasPrefix(target, "/") {
		url += "/"
	}
	return safeURL(url + target)
}

func (e *encoder) aws() {
	f := &e.facts
	aws := object{e: e, open: `,"aws":{`}
	if f.aws {
		aws.text("operation", f.action, maxText)
	}
	aws.text("region", f.text(awsRegion), maxText)
	aws.text("account_id", f.text(awsAccount), maxText)
	aws.text("request_id", f.text(awsRequestID), maxText)
	aws.text("queue_url", f.first(messagingURL, awsQueueURL), maxURL)
	if v, ok := f.value(awsTableNames); ok && v.Type() == attribute.STRINGSLICE {
		f.used[awsTableNames] = true
		switch names := v.AsStringSlice(); len(names) {
		case 0:
		case 1:
			aws.text("table_name", names[0], maxText)
		default:
			aws.key("table_names")
			e.value(v, maxText)
		}
	} else {
		aws.text("table_name", f.text(awsTableName), maxText)
	}
	aws.text("bucket_name", f.text(awsBucket), maxText)
	aws.text("topic_arn", f.text(awsTopic), maxText)
	if f.aws {
		aws.text("function_name", f.text(awsFunction), maxText)
	}
	if n, ok := f.number(awsRetries); ok {
		aws.key("retries")
		e.buf = appendInt(e.buf, n)
	}
	if fn := e.span.Function; fn != nil && e.span.Segment {
		aws.text("function_arn", fn.ARN, maxText)
		if f.peek(awsRequestID) == "" {
			aws.text("request_id", fn.RequestID, maxText)
		}
		if f.peek(awsAccount) == "" {
			aws.text("account_id", fn.AccountID, maxText)
		}
		if f.peek(awsRegion) == "" {
			aws.text("region", fn.Region, maxText)
		}
	}
	aws.close()
	if fn := e.span.Function; fn != nil && e.span.Segment && fn.ARN != "" {
		e.member(`,"resource_arn":`, fn.ARN, maxText)
	}
}

// sql appends what is known of a database query. It never holds the parameters of one:
// the conventions want them left out of the text.
func (e *encoder) sql() {
	f := &e.facts
	system, ok := database(f.peek(databaseSystem))
	if !ok {
		return
	}
	f.used[databaseSystem] = true
	sql := object{e: e, open: `,"sql":{`}
	sql.text("database_type", system, maxText)
	sql.text("url", e.span.Name, maxText)
	connection := withoutUser(f.text(databaseConnection))
	if connection == "" {
		connection = "localhost"
	}
	sql.text("connection_string", connection+"/"+f.text(databaseName), maxURL)
	sql.text("user", f.text(databaseUser), maxText)
	sql.text("sanitized_query", f.text(databaseStatement), e.effort.text)
	sql.close()
}

func (e *encoder) links() {
	n := 0
	for _, l := range e.span.Links {
		if n == maxLinks {
			e.lost.Cut = true
			break
		}
		if n++; n == 1 {
			e.raw(`,"links":[`)
		} else {
			e.raw(`,`)
		}
		e.link(l, "id")
	}
	if n > 0 {
		e.raw(`]`)
	}
}

func (e *encoder) link(l trace.Link, spanName string) {
	id, span := l.SpanContext.TraceID(), l.SpanContext.SpanID()
	e.raw(`{"trace_id":"1-`)
	e.hex(id[:4])
	e.raw(`-`)
	e.hex(id[4:])
	e.raw(`","` + spanName + `":"`)
	e.hex(span[:])
	e.raw(`"`)
	if len(l.Attributes) > 0 {
		e.raw(`,"attributes":`)
		e.attributes(l.Attributes)
	}
	e.raw(`}`)
}

// annotations appends the attributes that X-Ray indexes: those asked for one by one, by
// configuration, or by the span. Of a key that comes twice the last one counts.
func (e *encoder) annotations() {
	o := object{e: e, open: `,"annotations":{`}
	n := 0
	add := func(a attribute.KeyValue) {
		if !annotatable(a.Value) || a.Key == "" || n == maxAnnotations {
			e.lost.Annotations++
			return
		}
		n++
		if o.begun {
			e.raw(`,`)
		} else {
			e.raw(o.open)
			o.begun = true
		}
		e.raw(`"`)
		e.buf = appendKey(e.buf, string(a.Key))
		e.raw(`":`)
		if a.Value.Type() == attribute.STRING {
			e.text(cutRunes(a.Value.AsString(), maxAnnotation), e.effort.annotation)
		} else {
			e.value(a.Value, maxText)
		}
	}
	own := e.span.Annotations
	for i, a := range own {
		if !hasKey(own[i+1:], a.Key) {
			add(a)
		}
	}
	for _, a := range e.span.Attributes {
		if e.indexed(string(a.Key)) && !(len(own) > 0 && hasKey(own, Key(string(a.Key)))) {
			add(a)
		}
	}
	o.close()
}

// indexed reports whether an attribute is to be an annotation.
func (e *encoder) indexed(key string) bool {
	for _, k := range e.facts.annotate {
		if k == key {
			return true
		}
	}
	for _, k := range e.cfg.Indexed {
		if k == key {
			return true
		}
	}
	return false
}

func hasKey(list []attribute.KeyValue, key attribute.Key) bool {
	for i := range list {
		if list[i].Key == key {
			return true
		}
	}
	return false
}

func annotatable(v attribute.Value) bool {
	switch v.Type() {
	case attribute.STRING, attribute.BOOL, attribute.INT64:
		return true
	case attribute.FLOAT64:
		f := v.AsFloat64()
		return !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return false
}

// cutRunes cuts s to n characters, with a mark.
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := -1 // where the mark goes
	for i := range s {
		if n == len(cutMark) {
			cut = i
		}
		if n == 0 {
			return s[:cut] + cutMark
		}
		n--
	}
	return s
}

// metadata appends everything else, by namespace.
func (e *encoder) metadata() {
	o := object{e: e, open: `,"metadata":{`}
	defaults := object{e: e, open: `,"metadata":{"default":{`}
	e.rest(&defaults)
	for i := range e.span.Metadata {
		if m := &e.span.Metadata[i]; m.Namespace == defaultNamespace && e.current(i) {
			e.put(&defaults, m)
		}
	}
	if defaults.begun {
		e.raw(`}`)
		o.begun = true
	}
	for i := range e.span.Metadata {
		ns := e.span.Metadata[i].Namespace
		if ns == defaultNamespace || e.seen(i) {
			continue
		}
		o.key(ns)
		members := object{e: e, open: `{`}
		for j := i; j < len(e.span.Metadata); j++ {
			if m := &e.span.Metadata[j]; m.Namespace == ns && e.current(j) {
				e.put(&members, m)
			}
		}
		members.close()
	}
	e.textMetadata(&o)
	o.close()
}

const defaultNamespace = "default"

// seen reports whether an earlier value has the namespace of value i.
func (e *encoder) seen(i int) bool {
	for j := range i {
		if e.span.Metadata[j].Namespace == e.span.Metadata[i].Namespace {
			return true
		}
	}
	return false
}

// current reports whether no later value has the namespace and key of value i.
func (e *encoder) current(i int) bool {
	all := e.span.Metadata
	for j := i + 1; j < len(all); j++ {
		if all[j].Key == all[i].Key && all[j].Namespace == all[i].Namespace {
			return false
		}
	}
	return true
}

func (e *encoder) put(o *object, m *Metadata) {
	o.key(m.Key)
	if len(m.JSON) > e.effort.text {
		e.lost.Cut = true
		e.raw(`"[`)
		e.buf = appendInt(e.buf, int64(len(m.JSON)))
		e.raw(` bytes of JSON left out]"`)
		return
	}
	e.buf = append(e.buf, m.JSON...)
}

// rest appends what the document says nowhere else.
func (e *encoder) rest(o *object) {
	s, f := e.span, &e.facts
	for i, a := range s.Attributes {
		key := string(a.Key)
		switch {
		case f.used[f.kinds[i]] && f.kinds[i] != other:
		case e.isNamespace(a):
		case annotatable(a.Value) && e.indexed(key):
		case e.hasMetadata(defaultNamespace, key):
		default:
			o.key(cutKey(key))
			e.value(a.Value, e.effort.text)
		}
	}
	if s.Segment {
		for _, a := range s.Resource {
			o.key("otel.resource." + cutKey(string(a.Key)))
			e.value(a.Value, e.effort.text)
		}
	}
	if !e.cfg.Links && len(s.Links) > 0 {
		o.key("otel.links")
		for i, l := range s.Links {
			e.raw([...]string{`[`, `,`}[min(i, 1)])
			e.link(l, "span_id")
		}
		e.raw(`]`)
	}
	n := 0
	for i := range s.Events {
		ev := &s.Events[i]
		if ev.Name == ExceptionEvent {
			continue
		}
		if n++; n == 1 {
			o.key("otel.events")
			e.raw(`[`)
		} else {
			e.raw(`,`)
		}
		e.raw(`{"name":`)
		e.text(ev.Name, maxText)
		e.raw(`,"time":`)
		e.buf = appendTime(e.buf, ev.Time)
		if len(ev.Attributes) > 0 {
			e.raw(`,"attributes":`)
			e.attributes(ev.Attributes)
		}
		e.raw(`}`)
	}
	if n > 0 {
		e.raw(`]`)
	}
	if s.Dropped > 0 {
		o.key("otel.dropped")
		e.buf = appendInt(e.buf, int64(s.Dropped))
	}
}

// textMetadata appends the namespaces that attributes hold as JSON text.
func (e *encoder) textMetadata(o *object) {
	for _, a := range e.span.Attributes {
		if !e.isNamespace(a) {
			continue
		}
		o.key(cutKey(string(a.Key[len(MetadataPrefix):])))
		text := a.Value.AsString()
		if len(text) > 4*e.effort.text {
			e.text(text, e.effort.text)
		} else {
			e.buf = append(e.buf, text...)
		}
	}
}

// isNamespace reports whether an attribute holds a namespace of metadata, and one that
// there is not already.
func (e *encoder) isNamespace(a attribute.KeyValue) bool {
	ns, ok := strings.CutPrefix(string(a.Key), MetadataPrefix)
	return ok && ns != defaultNamespace && ns != "" && !e.hasMetadata(ns, "") && objectText(a.Value)
}

// hasMetadata reports whether there is a value in the namespace, under key unless that is
// empty.
func (e *encoder) hasMetadata(ns, key string) bool {
	for i := range e.span.Metadata {
		if m := &e.span.Metadata[i]; m.Namespace == ns && (key == "" || m.Key == key) {
			return true
		}
	}
	return false
}

func (e *encoder) attributes(list []attribute.KeyValue) {
	e.raw(`{`)
	for i, a := range list {
		if i > 0 {
			e.raw(`,`)
		}
		e.buf = jsonenc.AppendString(e.buf, cutKey(string(a.Key)))
		e.raw(`:`)
		e.value(a.Value, e.effort.text)
	}
	e.raw(`}`)
}
