// Package params reads configuration and secrets, and caches them.
//
//	cache, err := params.New(parameterstore.New(nil, nil), nil)
//	...
//	url, err := cache.Text(ctx, "/shop/db/url")
//	limits, err := params.JSON[Limits](ctx, cache, "/shop/limits")
//
// A [Cache] fetches a parameter once for all goroutines, keeps it for five minutes, and serves
// the older value during an outage. Make one Cache for each source, in main or in a package
// variable, and use it in every invocation.
//
// # Sources
//
// A [Source] fetches parameters from a service or a place. Choose one:
//
//   - [Environment] reads environment variables, and [Files] reads files: for a developer's
//     machine and for tests.
//   - Package extension reads Parameter Store and Secrets Manager through the AWS Parameters and
//     Secrets Lambda Extension. Package appconfigagent reads AppConfig through the AppConfig
//     agent. Both are Lambda layers and answer over HTTP, so the binary needs no AWS SDK.
//   - The module aws has one package for each AWS API: Parameter Store, Secrets Manager,
//     the AppConfig data API and DynamoDB. Each links only its own client of the AWS SDK.
//   - [SourceFunc] is your own function.
//
// A Cache identifies a value by the name of the parameter alone. Options such as decryption
// belong to the source. A version belongs to the name.
//
// # Ages
//
// A value is served until it is MaxAge old, five minutes by default. The next call fetches it
// again. Calls that need the same parameter meanwhile wait for that fetch instead of starting
// another. Each call waits until its own context is done. The fetch continues if the first
// caller leaves.
//
//   - If a parameter does not exist, the Cache remembers that for ten seconds.
//   - Ages use the wall clock, which also counts the time for which Lambda freezes the execution
//     environment.
//   - The number of entries and the bytes of their values are bounded.
//   - [Cache.WithMaxAge] and [Cache.Fresh] ask for a younger value in single calls.
//
// # Outages
//
// A stale value is older than MaxAge. Calls get it if it cannot be refreshed, until it is 24 hours
// (MaxStale) older than MaxAge:
//
//   - If a fetch fails, calls get the stale value. The Cache tries again after one second, then
//     after two, four and up to thirty seconds.
//   - If the source does not answer, a call waits until the fetch is 500 ms (StaleWait) old,
//     but at most a quarter of the time left in its context. Then it gets the stale value, and
//     the fetch continues. Later calls do not wait for that fetch again, and for 30 seconds
//     they wait less for other fetches.
//   - If a fetch is older than FetchTimeout by the wall clock, Lambda froze the execution
//     environment meanwhile and the connection is probably dead. The next call starts another
//     fetch.
//
// Options.OnError gets one error for each name and outage. Calls of a [Cache.Fresh] view never
// get a stale value.
//
// FetchTimeout bounds each request of the source. [Cache.Many] and [Load] request up to 200 names
// at a time, and a [PagedSource] requests one page of a path at a time, so the limit fits any
// number of parameters.
//
// # Types
//
// [Cache.Int], [Cache.Duration] and their siblings decode a text, [JSON] decodes JSON, and a
// [Decoder] calls your own function. Every caller gets a value that no other caller can change.
// [Load] fills a struct from many parameters with as few requests as the source allows, when a
// program starts.
//
// # Secrets
//
// A [lambdakit.Secret], and a [Value] that its source keeps encrypted, print as [redacted] through
// fmt, log/slog and encoding/json. [RunWithRotation] fetches a secret again if it is refused
// because it was rotated.
//
// # Errors
//
// [New] fails if the source is nil, if an option is out of range, or if
// POWERTOOLS_PARAMETERS_MAX_AGE is not a number of seconds: with a wrong age the function would
// use wrong values or call its source too often. Get methods return the source's error, which
// errors.Is matches with [ErrNotFound], [ErrAccessDenied], [ErrThrottled] and [ErrUnsupported]. A
// text that does not decode is a [*DecodeError]. Errors contain the names of parameters and never
// their values.
//
// # Environment
//
// POWERTOOLS_PARAMETERS_MAX_AGE is the default of MaxAge in seconds. With 0, every call fetches.
//
// # Cost
//
// A cached value costs one reading of the clock and about 20 ns more. It takes no lock and
// allocates nothing. The same holds for decoded values whose type has no pointers, maps, slices,
// interfaces and channels. Other types are decoded for each call: JSON of 300 bytes for a
// struct of ten fields takes about 5 microseconds.
package params
