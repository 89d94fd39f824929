// Package interop compares package jmespath with two independent implementations of the
// language, go-jmespath and its community edition, on generated expressions and documents, and
// package canon with another implementation of RFC 8785.
// It is a separate module, so that no other module depends on them. It has only tests.
package interop
