package interop

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/lambdakit/lambdakit/batch/internal/image"
)

// TestDecodesLikeTheSDK compares generated types and images. LAMBDAKIT_IMAGES is their number.
func TestDecodesLikeTheSDK(t *testing.T) {
	t.Parallel()
	n, _ := strconv.Atoi(os.Getenv("LAMBDAKIT_IMAGES"))
	if n == 0 {
		n = 4_000
	}
	succeeded := 0
	for seed := range n {
		g := generator{rand.New(rand.NewPCG(uint64(seed), 0))}
		typ := g.structure(3)
		switch g.IntN(8) {
		case 0:
			typ = g.typ(3)
		case 1:
			typ = pick(g, leaves)
		}
		text, err := json.Marshal(g.attributes(typ, 6))
		if err != nil {
			t.Fatal(err)
		}
		got, want := reflect.New(typ), reflect.New(typ)
		gotErr := image.Unmarshal(text, got.Interface())
		wantErr := sdk(text, want.Interface())
		if (gotErr == nil) != (wantErr == nil) {
			t.Errorf("seed %d: %s into %s: got error %v, want %v", seed, text, typ, gotErr, wantErr)
			continue
		}
		if gotErr != nil {
			continue
		}
		succeeded++
		if !reflect.DeepEqual(got.Interface(), want.Interface()) {
			t.Errorf("seed %d: %s into %s:\ngot  %+v\nwant %+v", seed, text, typ, got.Elem(), want.Elem())
		}
	}
	if succeeded < n/4 {
		t.Errorf("got %d of %d images that decode, want a quarter", succeeded, n)
	}
}

// sdk decodes with the SDK, whose panics are errors here.
func sdk(text []byte, v any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	m, err := attributevalue.UnmarshalMapJSON(text)
	if err != nil {
		return err
	}
	return attributevalue.UnmarshalMap(m, v)
}
