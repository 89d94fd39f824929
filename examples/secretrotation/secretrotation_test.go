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
	db := newDatabase("first password")
	secrets, err := params.New(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	logs := logging.New(nil)
	h := lambdatest.New(t, lambdakit.Wrap((&stock{secrets, db}).handle, logs.Middleware), nil)
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
	db := newDatabase("right")
	secrets, err := params.New(newDatabase("wrong"), nil)
	if err != nil {
		t.Fatal(err)
	}
	res := lambdatest.Run(t, lambdakit.Wrap((&stock{secrets, db}).handle), request{SKU: "a"})
	if res.Err != errRefused {
		t.Errorf("%v", res.Err)
	}
}
