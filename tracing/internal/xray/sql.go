package xray

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
