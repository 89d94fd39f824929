package goldentest

import "github.com/lambdakit/lambdakit/internal/golden"

// rules are the deliberate differences from the recorded libraries.
var rules = []golden.Rule{
	{ID: "owner", Reason: "a record has the token of its execution, and an execution that has lost its record changes nothing"},
	{ID: "placeholders", Reason: "expressions are compared by meaning, not by the names of placeholders or the order of attributes"},
	{ID: "kinds", Reason: "errors are told apart by errors.Is and errors.As, not by upstream's names and texts"},
	{ID: "warnings", Reason: "a warning of upstream is no error here, is specific to upstream, or goes to OnError"},
	{ID: "fraction", Reason: "an expiration is compared with the time to the millisecond, as upstream does in TypeScript's requests; Python, and TypeScript's local cache, compare whole seconds"},
	{ID: "rounding", Reason: "an expiration is truncated to the second, as in Python; TypeScript rounds it"},
	{ID: "lease", Reason: "a record in progress always has a lease, of 15 minutes if the remaining time is unknown; upstream writes no lease then, and the record is locked until it expires"},
	{ID: "outlives", Reason: "a record in progress expires after its lease, so that no other execution begins before the end of the lease"},
	{ID: "json-text", Reason: "a result is stored as the function encodes it, not with sorted members, spaces and escapes"},
	{ID: "falsy", Reason: "every result is stored; Python stores null for values that are false in Python"},
	{ID: "undefined", Reason: "the result null is stored for a function without a result"},
	{ID: "json-only", Reason: "a result is stored as its JSON: sets become lists, dates and bytes become strings, and undefined members are left out"},
	{ID: "mark", Reason: "a record whose result cannot be stored is completed with a mark; upstream leaves it locked"},
	{ID: "done", Reason: "a call whose record could not be updated gets its result together with the error, because the work is done; OnError gets the error too"},
	{ID: "withdrawn", Reason: "after a failed PutItem the record is deleted, because it may have been written"},
	{ID: "masked", Reason: "a failed deletion does not replace the error of the function; it goes to OnError"},
	{ID: "fence", Reason: "an execution that lost its record gets an error, and the record does not change"},
	{ID: "panics", Reason: "two attributes with the same name are a mistake in the program: New panics"},
	{ID: "no-expiry", Reason: "a record without an expiration never expires"},
	{ID: "malformed", Reason: "a record without a status, or with times that are not numbers, is an ErrInconsistent"},
	{ID: "milliseconds", Reason: "upstream for TypeScript compares leases with the milliseconds of the current second"},
	{ID: "binary", Reason: "a Binary as the whole result is not JSON but the output of a Codec; Call cannot decode it"},
	{ID: "vanished", Reason: "if a record disappears before it is read, the call tries again"},
	{ID: "retries", Reason: "the number of retries after a server error depends on the SDK"},
	{ID: "moment", Reason: "a record is valid for at least a second"},
}
