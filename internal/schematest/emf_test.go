package schematest

import (
	"strings"
	"testing"
)

const emfDocument = `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"m","Unit":"Count","StorageResolution":1}]}]},"d":"v","m":1}`

// set returns a list of one set with n dimensions.
func set(n int) string { return `[["d"` + strings.Repeat(`,"d"`, n-1) + `]]` }

func TestEMF_AcceptsDocuments(t *testing.T) {
	t.Parallel()
	for _, sets := range []string{`[["d"]]`, `[[]]`, set(30)} {
		accepts(t, emfSchema(), strings.Replace(emfDocument, `[["d"]]`, sets, 1))
	}
}

func TestEMF_RejectsBrokenDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{emfDocument, `{`, "unexpected end"},
		{emfDocument, `[]`, ": got array, want object"},
		{`"_aws"`, `"aws"`, ": missing property '_aws'"},
		{`"Timestamp":1,`, ``, "/_aws: missing property 'Timestamp'"},
		{`"Timestamp":1`, `"Timestamp":"1"`, "/_aws/Timestamp: got string, want integer"},
		{`"Timestamp":1`, `"Timestamp":1.5`, "/_aws/Timestamp: got number, want integer"},
		{`"Namespace":"N",`, ``, "/_aws/CloudWatchMetrics/0: missing property 'Namespace'"},
		{`"N"`, `""`, "/_aws/CloudWatchMetrics/0/Namespace: minLength: got 0, want 1"},
		{`"N"`, `"` + strings.Repeat("é", 1025) + `"`, "/_aws/CloudWatchMetrics/0/Namespace: maxLength: got 1,025, want 1,024"},
		{`[["d"]]`, `[]`, "/_aws/CloudWatchMetrics/0/Dimensions: minItems: got 0, want 1"},
		{`[["d"]]`, `["d"]`, "/_aws/CloudWatchMetrics/0/Dimensions/0: got string, want array"},
		{`[["d"]]`, `[[1]]`, "/_aws/CloudWatchMetrics/0/Dimensions/0/0: got number, want string"},
		{`[["d"]]`, set(31), "/_aws/CloudWatchMetrics/0/Dimensions/0: maxItems: got 31, want 30"},
		{`[["d"]]`, `[["d\n"]]`, "does not match"},
		{`"Name":"m",`, ``, "/_aws/CloudWatchMetrics/0/Metrics/0: missing property 'Name'"},
		{`"Count"`, `"Furlongs"`, "/_aws/CloudWatchMetrics/0/Metrics/0/Unit: 'Furlongs' does not match pattern"},
		{`"StorageResolution":1`, `"StorageResolution":"high"`, "/_aws/CloudWatchMetrics/0/Metrics/0/StorageResolution: got string, want integer"},
		{`"d":"v"`, `"d":"v","d":"w"`, "twice"},
	} {
		rejects(t, emfSchema(), strings.Replace(emfDocument, c.old, c.new, 1), c.want)
	}
}
