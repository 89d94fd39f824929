// Package params compares reading a cached parameter with other caches and with the parts that
// caches are made of. It measures the time to get a fresh value, from one goroutine and from as
// many as there are processors.
package params
