// Package params measures a cached parameter beside what caches are made of: how long it
// takes to get a value that is fresh, from one goroutine and from all.
package params
