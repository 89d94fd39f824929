// Package jsonenc appends JSON to byte slices. The JSON is valid for any input, and functions
// allocate nothing beyond the slice.
//
// Other modules import this package, so it changes only by addition.
package jsonenc
