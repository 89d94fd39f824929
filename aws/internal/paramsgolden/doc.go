// Package paramsgolden contains only tests. They repeat recorded programs of the official libraries with
// the sources of this module, and compare the requests and the results.
package paramsgolden
