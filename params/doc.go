// Package params reads configuration and secrets: fetched once, kept fresh, typed, and safe
// to ask for from every goroutine.
//
//	store, err := params.New(parameterstore.New(nil, nil), nil)
//	...
//	url, err := store.Text(ctx, "/shop/db/url")
//	limits, err := params.JSON[Limits](ctx, store, "/shop/limits")
//
// # Sources
//
// A [Source] is one method; a [Cache] is the cache over it. In this package there are
// [Environment] and [Files], for a developer's machine and for tests. Package extension
// reads Parameter Store and Secrets Manager through the AWS Parameters and Secrets Lambda
// Extension, package appconfigagent AppConfig through its agent: both over HTTP, with no
// AWS SDK in the binary. The module aws has Parameter Store, Secrets Manager,
// AppConfig's data API and DynamoDB, a package each with its client. A source of your own
// is a [SourceFunc].
//
// What changes a value, such as decryption, belongs to the source, or to the name, such as
// a version: the cache of a Cache goes by names alone.
//
// # The cache
//
// A value is served until it is MaxAge old, five minutes by default. Then the next call
// fetches it, once for all goroutines that ask. Each call waits for as long as its own
// context lasts, and the fetch goes on when the first caller leaves. A parameter that does
// not exist is remembered for ten seconds. Ages go by the wall clock, also while Lambda has
// the environment frozen. The cache is bounded in entries and bytes.
//
// [Cache.WithMaxAge] and [Cache.Fresh] ask for a younger value, one call at a time.
//
// # Outages
//
// An older value outlives an outage of its source, for up to MaxStale, 24 hours by default:
//
//   - If the fetch fails, calls get the older value. It is tried again after a second, two,
//     four, up to thirty.
//   - If the source does not answer, a call waits until the fetch is StaleWait old, 500 ms
//     by default, and for a quarter of the time that its context has left at most. Then it
//     gets the older value, and the fetch goes on. Later calls do not wait for the same fetch
//     again, and wait less for others.
//   - A fetch from before Lambda froze the environment is given up if it is older than
//     FetchTimeout by the wall clock: its connection is probably dead.
//
// OnError hears of each outage once for each name. Calls of Fresh do not settle for an older
// value.
//
// A request of the source that takes longer than FetchTimeout fails with an error that says
// so. Many and Load ask for 200 names at a time, and a [PagedSource] for one page of a path,
// so that any number of parameters fits.
//
// # Types
//
// [JSON], [Int], [Duration] and their siblings, and a [Decoder] of your own, decode a value
// once for all callers after it was fetched, and give each a copy that nobody else can
// change. A text that does not decode is a [*DecodeError], which does not hold it.
//
// [Load] fills a struct from many parameters in as few calls as the source allows, for the
// start of a program.
//
// # Secrets
//
// [lambdakit.Secret], and a [Value] that its source keeps encrypted, print as [redacted] through fmt,
// log/slog and encoding/json. Errors hold names, never values. [RunWithRotation] fetches a secret
// anew when it is refused, as after a rotation.
//
// # Environment
//
// POWERTOOLS_PARAMETERS_MAX_AGE: the default age in seconds; 0 caches nothing.
//
// # Cost
//
// A cached value costs one reading of the clock, about 20 ns more, no lock and no
// allocation, decoded values of types without maps, slices and pointers included.
package params
