// Package goldentest runs the cases of HTTP events against package httpapi.
package goldentest
