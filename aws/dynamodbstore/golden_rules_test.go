package dynamodbstore_test

import "github.com/lambdakit/lambdakit/internal/golden"

// goldenRules are the deliberate differences to the recorded libraries. The interpreter names
// them where it applies them.
var goldenRules = []golden.Rule{
	{ID: "owner", Reason: "a record has its run's token, and a run that has lost its record to another changes nothing"},
	{ID: "placeholders", Reason: "expressions are compared by what they mean, not by the names of placeholders and the order of what is set"},
	{ID: "kinds", Reason: "errors are told apart by errors.Is and errors.As, not by upstream's names and texts"},
	{ID: "warnings", Reason: "what upstream warns of is not an error, or is one of its own words, or goes to OnError"},
	{ID: "fraction", Reason: "an expiration is compared with the time to the millisecond, as upstream does in TypeScript's requests; Python, and TypeScript's local cache, compare whole seconds"},
	{ID: "rounding", Reason: "an expiration is truncated to the second, as in Python; TypeScript rounds it"},
	{ID: "lease", Reason: "a record in progress always has a lease, of 15 minutes where the time left is not known; upstream, without one, locks it until it expires"},
	{ID: "outlives", Reason: "a record in progress expires after its lease, else another run would begin before it has ended"},
	{ID: "json-text", Reason: "a result is stored as the function encodes it, not with sorted members, spaces and escapes"},
	{ID: "falsy", Reason: "every result is stored; Python stores null for whatever it takes for false"},
	{ID: "undefined", Reason: "a function without a result has null, which is stored"},
	{ID: "json-only", Reason: "a result is what its JSON says: sets are lists, dates and bytes are texts, and what is undefined is left out"},
	{ID: "mark", Reason: "a run whose result cannot be stored is completed with a mark that says so; upstream leaves it locked"},
	{ID: "done", Reason: "a call whose record could not be updated gets its result beside the error, since the work is done; OnError hears of it too"},
	{ID: "withdrawn", Reason: "after a request for a record that failed the record is deleted: it may have been written"},
	{ID: "masked", Reason: "that the record could not be deleted does not hide the function's error; OnError is told"},
	{ID: "fence", Reason: "a run that lost its record to another is told so, and the record stays the other's"},
	{ID: "panics", Reason: "a table with two attributes of one name is a mistake of the program: New panics"},
	{ID: "no-expiry", Reason: "a record without an expiration never expires"},
	{ID: "malformed", Reason: "a record without a status, or with times that are no numbers, is an ErrInconsistent"},
	{ID: "milliseconds", Reason: "upstream for TypeScript compares leases with the milliseconds of the current second"},
	{ID: "binary", Reason: "a Binary that is the whole result is one that is no JSON, such as a Codec makes; Do cannot decode it"},
	{ID: "vanished", Reason: "where a record is gone before it can be read, the run is tried again"},
	{ID: "retries", Reason: "how often the SDK asks a server again that is out of order is its own business"},
	{ID: "moment", Reason: "a record stands for a second at least"},
}
