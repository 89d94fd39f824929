package xray

import (
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

const (
	internal = trace.SpanKindInternal
	client   = trace.SpanKindClient
	server   = trace.SpanKindServer
	producer = trace.SpanKindProducer
	consumer = trace.SpanKindConsumer
)

// The name and the namespace of a document decide which node of the map it is. Each case has every
// attribute that the next source of a name would use.
func TestNode(t *testing.T) {
	t.Parallel()
	rpc, db := str("rpc.service", "rpc"), attrs{str("db.name", "customers"), str("db.connection_string", "jdbc:mysql://u:p@db.example.com:3306/x")}
	for name, c := range map[string]struct {
		kind      trace.SpanKind
		attrs     attrs
		want      string
		namespace string
	}{
		"nothing":                       {internal, nil, "span name", ""},
		"nothing, client":               {client, nil, "span name", `"remote"`},
		"nothing, producer":             {producer, nil, "span name", ""},
		"nothing, consumer":             {consumer, nil, "span name", ""},
		"nothing, server":               {server, nil, "span name", ""},
		"remote service, client":        {client, attrs{str("aws.remote.service", "r"), str("peer.service", "p")}, "r", `"remote"`},
		"remote service, producer":      {producer, attrs{str("aws.remote.service", "r"), str("peer.service", "p")}, "r", `"remote"`},
		"remote service, consumer":      {consumer, attrs{str("aws.remote.service", "r"), str("peer.service", "p")}, "r", `"remote"`},
		"remote service, internal":      {internal, attrs{str("aws.remote.service", "r")}, "span name", ""},
		"remote service, server":        {server, attrs{str("aws.remote.service", "r")}, "span name", ""},
		"remote service keeps a prefix": {client, attrs{str("aws.remote.service", "AWS::S3")}, "AWS::S3", `"remote"`},
		"remote service of AWS":         {client, attrs{str("rpc.system", "aws-api"), str("aws.remote.service", "AWS::S3")}, "S3", `"aws"`},
		"remote service of the SDK":     {client, attrs{str("rpc.system", "aws-api"), str("aws.remote.service", "AWS.SDK.S3")}, "S3", `"aws"`},
		"local service, server":         {server, attrs{str("aws.local.service", "l"), str("peer.service", "p")}, "l", ""},
		"local service, client":         {client, attrs{str("aws.local.service", "l"), str("peer.service", "p")}, "p", `"remote"`},
		"peer":                          {client, attrs{str("peer.service", "p"), str("aws.service", "s"), rpc}, "p", `"aws"`},
		"service":                       {client, append(attrs{str("aws.service", "s"), rpc}, db...), "s", `"aws"`},
		"service, internal":             {internal, attrs{str("aws.service", "s")}, "s", `"aws"`},
		"database":                      {client, append(attrs{rpc, str("http.host", "h")}, db...), "customers@db.example.com", `"remote"`},
		"database, current":             {client, attrs{rpc, str("db.namespace", "n"), str("db.connection_string", "postgresql://[::1]:5432/x")}, "n@::1", `"remote"`},
		"database, no host":             {client, attrs{rpc, str("db.name", "n"), str("db.connection_string", "Server=x;Database=n")}, "n", `"remote"`},
		"remote procedure":              {client, attrs{rpc, str("http.host", "h"), str("net.peer.name", "n")}, "rpc", `"remote"`},
		"HTTP host":                     {client, attrs{str("http.host", "h"), str("net.peer.name", "n")}, "h", `"remote"`},
		"peer's name":                   {client, attrs{str("net.peer.name", "n"), str("url.full", "https://u/")}, "n", `"remote"`},
		"URL, client":                   {client, attrs{str("url.full", "https://user:secret@api.example.com:8080/p?q"), str("server.address", "s")}, "api.example.com", `"remote"`},
		"URL, server":                   {server, attrs{str("url.full", "https://api.example.com/p")}, "span name", ""},
		"address of the server":         {client, attrs{str("server.address", "s")}, "span name", `"remote"`},
		"AWS, older":                    {client, attrs{str("rpc.system", "aws-api"), str("rpc.service", "DynamoDB"), str("rpc.method", "GetItem")}, "DynamoDB", `"aws"`},
		"AWS, current":                  {client, attrs{str("rpc.system.name", "aws-api"), str("rpc.method", "DynamoDB/GetItem")}, "DynamoDB", `"aws"`},
		"AWS, a service with a space":   {client, attrs{str("rpc.system.name", "aws-api"), str("rpc.method", "Lambda/Invoke"), str("rpc.service", "Lambda Runtime")}, "Lambda Runtime", `"aws"`},
		"another system":                {client, attrs{str("rpc.system", "grpc"), str("rpc.service", "s"), str("rpc.method", "m")}, "s", `"remote"`},
		"empty values":                  {client, attrs{str("peer.service", ""), str("aws.service", ""), str("rpc.service", "")}, "span name", `"remote"`},
		"values of other types":         {client, attrs{num("peer.service", 1), num("aws.service", 1), num("http.host", 1)}, "span name", `"remote"`},
		"what a name must not have":     {client, attrs{str("peer.service", "a(b)?c\x00d")}, "abcd", `"remote"`},
		"nothing that a name may have":  {client, attrs{str("peer.service", "()")}, "span", `"remote"`},
		"current conventions of DynamoDB": {client, attrs{str("rpc.system.name", "aws-api"), str("rpc.method", "DynamoDB/GetItem"), str("db.system.name", "aws.dynamodb"),
			str("server.address", "dynamodb.eu-west-1.amazonaws.com")}, "DynamoDB", `"aws"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := encode(t, Config{}, newSpan(c.kind, c.attrs...))
			check(t, d, members{"name": `"` + c.want + `"`, "namespace": c.namespace, "type": `"subsegment"`, "sql": ""})
			s := newSegment(c.kind, c.attrs...)
			check(t, encode(t, Config{}, s), members{"name": `"` + c.want + `"`, "namespace": "", "type": ""})
		})
	}
}

func TestAWS(t *testing.T) {
	t.Parallel()
	api := str("rpc.system.name", "aws-api")
	for name, c := range map[string]struct {
		attrs attrs
		want  string // the member aws
	}{
		"none":                         {attrs{str("a", "b")}, ``},
		"operation":                    {attrs{api, str("aws.operation", "o"), str("rpc.method", "S3/m")}, `{"operation":"o"}`},
		"method":                       {attrs{api, str("rpc.method", "m")}, `{"operation":"m"}`},
		"method of a service":          {attrs{api, str("rpc.method", "DynamoDB/GetItem")}, `{"operation":"GetItem"}`},
		"method with slashes":          {attrs{api, str("rpc.method", "a/b/c")}, `{"operation":"c"}`},
		"method of another system":     {attrs{str("rpc.system", "grpc"), str("rpc.method", "a/b")}, ``},
		"older system":                 {attrs{str("rpc.system", "aws-api"), str("rpc.service", "S3"), str("rpc.method", "GetObject")}, `{"operation":"GetObject"}`},
		"service":                      {attrs{str("aws.service", "S3"), str("rpc.method", "GetObject")}, `{"operation":"GetObject"}`},
		"region, account":              {attrs{api, str("aws.region", "r"), str("aws.account_id", "1")}, `{"region":"r","account_id":"1"}`},
		"request":                      {attrs{api, str("aws.request_id", "i")}, `{"request_id":"i"}`},
		"request, in the other form":   {attrs{api, str("aws.requestId", "i")}, `{"request_id":"i"}`},
		"queue":                        {attrs{api, str("aws.queue_url", "https://q")}, `{"queue_url":"https://q"}`},
		"queue, with a dot":            {attrs{api, str("aws.queue.url", "https://q")}, `{"queue_url":"https://q"}`},
		"queue, current":               {attrs{api, str("aws.sqs.queue.url", "https://q")}, `{"queue_url":"https://q"}`},
		"messaging before queue":       {attrs{api, str("aws.queue_url", "https://q"), str("messaging.url", "https://m")}, `{"queue_url":"https://m"}`},
		"table":                        {attrs{api, str("aws.table_name", "t")}, `{"table_name":"t"}`},
		"tables of another type":       {attrs{api, str("aws.dynamodb.table_names", "x"), str("aws.table_name", "t")}, `{"table_name":"t"}`},
		"table, with a dot":            {attrs{api, str("aws.table.name", "t")}, `{"table_name":"t"}`},
		"one of the tables":            {attrs{api, str("aws.table_name", "t"), strs("aws.dynamodb.table_names", "u")}, `{"table_name":"u"}`},
		"tables":                       {attrs{api, str("aws.table_name", "t"), strs("aws.dynamodb.table_names", "u", "v")}, `{"table_names":["u","v"]}`},
		"no tables":                    {attrs{api, strs("aws.dynamodb.table_names")}, ``},
		"bucket, topic":                {attrs{api, str("aws.s3.bucket", "b"), str("aws.sns.topic.arn", "arn")}, `{"bucket_name":"b","topic_arn":"arn"}`},
		"retries":                      {attrs{api, num("aws.retries", 2)}, `{"retries":2}`},
		"what is called is a function": {attrs{api, str("rpc.method", "Lambda/Invoke"), str("faas.invoked_name", "f")}, `{"operation":"Invoke","function_name":"f"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, encode(t, Config{}, newSpan(client, c.attrs...)), members{"aws": c.want})
		})
	}
}

// Only calls of AWS have a member for the method. Other methods stay metadata.
func TestAWS_MethodsOfOtherSystemsAreMetadata(t *testing.T) {
	t.Parallel()
	d := encode(t, Config{}, newSpan(client, str("rpc.system", "grpc"), str("rpc.service", "shop.Orders"), str("rpc.method", "Confirm"), str("aws.operation", "o"), str("faas.invoked_name", "f")))
	check(t, d, members{"name": `"shop.Orders"`, "aws": ``})
	for key, want := range map[string]string{"rpc.system": `"grpc"`, "rpc.method": `"Confirm"`, "aws.operation": `"o"`, "faas.invoked_name": `"f"`, "rpc.service": ``} {
		equal(t, key, d.In("metadata", "default", key), want)
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"": "", "nothing": "", "http://": "", "http://h": "h", "http://h/": "h", "http://h?q": "h", "http://h#f": "h", "jdbc:mysql://h;x=1": "h",
		"http:///path": "", "file:///x:y": "", "http://h:80": "h", "http://:80": "", "http://@h": "h", "http://u@h": "h", "http://u:p@h:80/a@b": "h", "http://a@b@h": "h",
		"http://[::1]": "::1", "http://[::1]:80": "::1", "http://u@[::1]:80": "::1", "http://[]": "", "http://[::1": "[:",
	} {
		if got := hostOf(url); got != want {
			t.Errorf("%q: got %q, want %q", url, got, want)
		}
	}
}

// The span has the attributes that the current instrumentation of the AWS SDK sets.
func TestAWS_MembersAreNotMetadata(t *testing.T) {
	t.Parallel()
	d := encode(t, Config{}, newSpan(trace.SpanKindClient, str("rpc.system.name", "aws-api"), str("rpc.method", "DynamoDB/Query"), str("aws.region", "r"), str("aws.account_id", "1"), str("aws.request_id", "i"),
		str("aws.sqs.queue.url", "https://q"), strs("aws.dynamodb.table_names", "a", "b"), str("aws.s3.bucket", "b"), str("aws.sns.topic.arn", "t"), num("aws.retries", 1)))
	check(t, d, members{"metadata": ""})
}

func TestDynamoDB(t *testing.T) {
	t.Parallel()
	s := newSpan(client,
		str("rpc.system.name", "aws-api"), str("rpc.method", "DynamoDB/GetItem"), str("aws.region", "eu-west-1"), str("aws.request_id", "r"),
		num("http.response.status_code", 400), str("error.type", "ValidationException"),
		str("db.system.name", "aws.dynamodb"), strs("aws.dynamodb.table_names", "orders"))
	s.Name = "DynamoDB.GetItem"
	s.Status, s.Description = codes.Error, "operation error DynamoDB: GetItem"
	check(t, encode(t, Config{}, s), members{
		"name": `"DynamoDB"`, "namespace": `"aws"`, "sql": "", "error": "true", "fault": "", "throttle": "",
		"aws":      `{"operation":"GetItem","region":"eu-west-1","request_id":"r","table_name":"orders"}`,
		"http":     `{"response":{"status":400}}`,
		"metadata": `{"default":{"db.system.name":"aws.dynamodb"}}`,
	})
	exceptions := encode(t, Config{}, s).At("cause.exceptions").([]any)
	if len(exceptions) != 1 {
		t.Fatalf("got exceptions %v, want one", exceptions)
	}
	x := exceptions[0].(map[string]any)
	if x["type"] != "ValidationException" || x["message"] != "operation error DynamoDB: GetItem" || x["remote"] != true {
		t.Errorf("got exception %v, want the remote ValidationException", x)
	}
}

func TestSQL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attrs attrs
		want  string // the member sql
	}{
		"older names": {attrs{str("db.system", "mysql"), str("db.name", "n"), str("db.user", "u"), str("db.statement", "SELECT ?"), str("db.connection_string", "jdbc:mysql://db:3306")},
			`{"database_type":"mysql","url":"span name","connection_string":"jdbc:mysql://db:3306/n","user":"u","sanitized_query":"SELECT ?"}`},
		"current names": {attrs{str("db.system.name", "postgresql"), str("db.namespace", "n"), str("db.query.text", "SELECT ?")},
			`{"database_type":"postgresql","url":"span name","connection_string":"localhost/n","sanitized_query":"SELECT ?"}`},
		"a secret": {attrs{str("db.system", "mysql"), str("db.name", "n"), str("db.connection_string", "mysql://user:secret@db")},
			`{"database_type":"mysql","url":"span name","connection_string":"mysql://db/n"}`},
		"not SQL":          {attrs{str("db.system", "redis"), str("db.statement", "GET a")}, ``},
		"not SQL, current": {attrs{str("db.system.name", "aws.dynamodb"), str("db.namespace", "n")}, ``},
		"no system":        {attrs{str("db.statement", "SELECT ?")}, ``},
		"another type":     {attrs{num("db.system", 1)}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, encode(t, Config{}, newSpan(client, c.attrs...)), members{"sql": c.want})
		})
	}
	for name, kind := range map[string]string{
		"db2": "db2", "derby": "derby", "hive": "hive", "mariadb": "mariadb", "mssql": "mssql", "mysql": "mysql", "oracle": "oracle",
		"postgresql": "postgresql", "sqlite": "sqlite", "teradata": "teradata", "other_sql": "other_sql",
		"ibm.db2": "db2", "microsoft.sql_server": "mssql", "oracle.db": "oracle",
	} {
		check(t, encode(t, Config{}, newSpan(client, str("db.system.name", name))), members{"sql.database_type": `"` + kind + `"`})
	}
}
