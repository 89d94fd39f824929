package xray

import "github.com/lambdakit/lambdakit/internal/redact"

// sql appends the member that describes a database query. The query's text has no parameters,
// since the semantic conventions say to leave them out.
func (e *encoder) sql() {
	attrs := &e.attrs
	system, ok := database(attrs.peek(databaseSystem))
	if !ok {
		return
	}
	attrs.used[databaseSystem] = true
	sql := object{e: e, open: `,"sql":{`}
	sql.text("database_type", system, e.limits.member)
	sql.text("url", e.span.Name, e.limits.member)
	connection := redact.Connection(attrs.text(databaseConnection))
	if connection == "" {
		connection = "localhost"
	}
	sql.text("connection_string", connection+"/"+attrs.text(databaseName), e.limits.url)
	sql.text("user", attrs.text(databaseUser), e.limits.member)
	sql.text("sanitized_query", attrs.text(databaseStatement), e.limits.text)
	sql.close()
}
