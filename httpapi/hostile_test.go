package httpapi_test

import (
	"context"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/httpapi"
)

// ownStatus has a Validate method that returns an Error with the status.
type ownStatus struct {
	Status int `query:"status"`
}

func (o ownStatus) Validate() error { return &httpapi.Error{Status: o.Status, Detail: "no"} }

func TestFunc_ValidateReturnsAnErrorWithAnyStatus(t *testing.T) {
	t.Parallel()
	h := httpapi.Func(func(context.Context, ownStatus) (struct{}, error) { return struct{}{}, nil })
	for status, want := range map[string]int{"0": 422, "200": 422, "600": 422, "409": 409, "503": 503} {
		w := do(h, "GET", "/?status="+status, "")
		if w.Code != want || !strings.Contains(w.Body.String(), `"detail":"no"`) {
			t.Errorf("%s: got %d %s, want %d and the detail", status, w.Code, w.Body, want)
		}
	}
}
