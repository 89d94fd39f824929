// Package jsonenc appends JSON to byte slices. The JSON is valid for any input, and functions
// allocate nothing beyond the slice.
package jsonenc
