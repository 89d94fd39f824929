// Package params reads configuration and secrets, and caches them.
//
//	cache, err := params.New(parameterstore.New(nil, nil), nil)
//	...
//	url, err := cache.String(ctx, "/shop/db/url")
//	limits, err := params.JSON[Limits](ctx, cache, "/shop/limits")
//
// A [Cache] fetches a parameter once for all goroutines, keeps it for five minutes, and serves
// the older value during an outage. Make one Cache for each source, in main or in a package
// variable, and use it in every invocation.
//
// # Sources
//
// A [Source] fetches parameters. Choose one:
//
//   - [Environment] reads environment variables, and [Files] reads files: for a developer's
//     machine. [Map] holds fixed values: for tests.
//   - Package extension reads Parameter Store and Secrets Manager through the AWS Parameters and
//     Secrets Lambda Extension. Package appconfigagent reads AppConfig through the AppConfig
//     agent. Both are Lambda layers and answer over HTTP, so the binary needs no AWS SDK.
//   - The module aws has one package for each AWS API: Parameter Store, Secrets Manager,
//     the AppConfig data API and DynamoDB. Each links only its own client of the AWS SDK.
//   - [SourceFunc] makes a source of your own function.
//
// A Cache identifies a value only by the name of the parameter. So options such as decryption are
// options of the source, and a version is part of the name.
//
// # Ages
//
// A value is served until it is MaxAge old, five minutes by default. The next call fetches it
// again. Other calls for the same parameter wait for this fetch and do not start another. A call
// stops waiting if its own context is done. The fetch continues even if the call that started it
// stops waiting.
//
//   - If a parameter does not exist, the Cache remembers that for ten seconds.
//   - Ages use the wall clock, which also counts the time for which Lambda freezes the execution
//     environment.
//   - The number of entries and the bytes of their values are bounded.
//   - [Cache.WithMaxAge] and [Cache.Fresh] return views that ask for younger values.
//
// # Outages
//
// A stale value is a value older than MaxAge, by at most 24 hours (MaxStale). Calls get it if it
// cannot be refreshed:
//
//   - If a fetch fails, calls get the stale value. The Cache tries again after one second, then
//     after two, four and up to thirty seconds.
//   - If the source does not answer, a call waits until the fetch is 500 ms (StaleWait) old,
//     but at most a quarter of the time left in its context. Then it gets the stale value, and
//     the fetch continues. Later calls do not wait for that fetch again, and for 30 seconds
//     they wait less for other fetches.
//   - If a fetch is older than FetchTimeout by the wall clock, Lambda has frozen the execution
//     environment, and the connection is probably broken. The next call starts another fetch.
//
// Options.OnError gets one error for each name and outage. Calls of a [Cache.Fresh] view never
// get a stale value.
//
// FetchTimeout bounds each request to the source: up to 200 names in [Cache.Many] and [Load], or
// one page of a path in a [PagedSource]. So it need not grow with the number of parameters.
//
// # Types
//
// [Cache.Int], [Cache.Duration] and their siblings decode a text, [JSON] decodes JSON, and a
// [Decoder] calls your own function. Every caller gets a value that no other caller can change.
// [Load] fills a struct from many parameters, with as few requests as the source allows.
//
// # Secrets
//
// A [lambdakit.Secret], and a [Value] that its source keeps encrypted, print as [redacted] through
// fmt, log/slog and encoding/json. If a service refuses a secret because it was rotated,
// [RunWithRotation] fetches it again.
//
// # Errors
//
// [New] fails if the source is nil, if an option is out of range, or if
// POWERTOOLS_PARAMETERS_MAX_AGE is not a number of seconds. With a wrong age the function would use
// old values or call its source too often. Methods that read return the error of the source, which
// errors.Is matches with [ErrNotFound], [ErrAccessDenied], [ErrThrottled] and [ErrUnsupported]. If
// a text cannot be decoded, the error is a [*DecodeError]. Errors contain the names of parameters
// and never their values.
//
// # Environment
//
// POWERTOOLS_PARAMETERS_MAX_AGE is the default of MaxAge in seconds. With 0, every call fetches.
//
// # Cost
//
// A cached value costs one reading of the clock and about 25 ns more. It takes no lock and
// allocates nothing. A decoded value costs the same if its type has no pointers, maps, slices,
// interfaces and channels. Other types are decoded in each call: a struct of ten fields from 300
// bytes of JSON takes about 5 microseconds.
package params
