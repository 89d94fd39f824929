package interop

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/lambdakit/lambdakit/batch/internal/image"
)

// The SDK decodes an UnixTime with its method, which package image cannot call.
func TestUnixTime(t *testing.T) {
	t.Parallel()
	type Item struct{ At attributevalue.UnixTime }
	const text = `{"At":{"N":"1700000000"}}`
	var got, want Item
	if err := image.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if err := sdk([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
