package params_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/lambdakit/lambdakit/params"
)

// speed accepts two values only.
type speed string

func (s *speed) UnmarshalText(text []byte) error {
	if !slices.Contains([]string{"fast", "slow"}, string(text)) {
		return errors.New("no speed")
	}
	*s = speed("very " + string(text))
	return nil
}

func TestLoad_ElementsOfListsDecodeThemselves(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"fast, slow": "[very fast very slow]", "": "[]", "fast,quick": ""} {
		var got struct {
			Speeds []speed `param:"/speeds"`
		}
		err := params.Load(t.Context(), open(t, newFake("/speeds", text), nil), &got)
		if (err != nil) != (want == "") || want != "" && fmt.Sprint(got.Speeds) != want {
			t.Errorf("%q: got %v, %v, want %s", text, got.Speeds, err, want)
		}
	}
}
