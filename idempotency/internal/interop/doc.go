// Package interop compares package jmespath with two independent implementations of the
// language, go-jmespath and its community edition, on generated expressions and documents, and
// package canon with another implementation of RFC 8785.
// It is a module of its own so that nothing else has them as dependencies, and has tests
// only.
package interop
