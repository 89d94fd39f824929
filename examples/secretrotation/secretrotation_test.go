package main

import (
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/params"
)

func TestRotatedPassword(t *testing.T) {
	t.Parallel()
	source := &vault{password: "first password"}
	cache, err := params.New(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	logs := logging.New(nil)
	h := lambdatest.New(t, lambdakit.Wrap(newStock(cache, source, "password").handle, logs.Middleware), nil)
	for _, r := range []request{{SKU: "a"}, {SKU: "ab", Rotate: true}, {SKU: "abc"}} {
		var a answer
		res := h.Invoke(r)
		res.Decode(&a)
		if a.SKU != r.SKU || a.Quantity != 10*len(r.SKU) || strings.Contains(string(res.Output), "first password") {
			t.Errorf("%+v: %s", a, res.Output)
		}
	}
}

func TestPasswordThatStaysWrong(t *testing.T) {
	t.Parallel()
	cache, err := params.New(&vault{password: "wrong"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newStock(cache, &vault{password: "right"}, "password")
	res := lambdatest.Run(t, lambdakit.Wrap(s.handle), request{SKU: "a"})
	if res.Err != errRefused {
		t.Errorf("%v", res.Err)
	}
}
