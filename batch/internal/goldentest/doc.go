// Package goldentest compares package batch with recorded cases of other libraries. It has only tests.
package goldentest
