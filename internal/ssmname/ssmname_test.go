package ssmname_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/internal/ssmname"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"
	for _, c := range []struct{ name, base, selector string }{
		{"/shop/key", "/shop/key", ""},
		{"/shop/key:3", "/shop/key", "3"},
		{"/shop/key:live", "/shop/key", "live"},
		{arn, arn, ""},
		{arn + ":3", arn, "3"},
		{"", "", ""},
	} {
		if base, selector := ssmname.Split(c.name); base != c.base || selector != c.selector {
			t.Errorf("%q: got %q and %q, want %q and %q", c.name, base, selector, c.base, c.selector)
		}
	}
}
