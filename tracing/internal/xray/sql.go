package xray

import "github.com/lambdakit/lambdakit/internal/redact"

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
	sql.text("database_type", system, e.effort.member)
	sql.text("url", e.span.Name, e.effort.member)
	connection := redact.Connection(f.text(databaseConnection))
	if connection == "" {
		connection = "localhost"
	}
	sql.text("connection_string", connection+"/"+f.text(databaseName), e.effort.url)
	sql.text("user", f.text(databaseUser), e.effort.member)
	sql.text("sanitized_query", f.text(databaseStatement), e.effort.text)
	sql.close()
}
