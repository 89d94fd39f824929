package counting

import "testing"

func TestCollected(t *testing.T) {
	t.Parallel()
	const output = "BenchmarkX 1000 5 ns/op\n==12== Events    : Ir\n==12== Collected : 1000\n==12== \n==13== Collected : 23\n"
	if got, err := collected([]byte(output)); got != 1023 || err != nil {
		t.Errorf("got %v and %v, want the sum 1023", got, err)
	}
	if got, err := collected([]byte("==12== Collected : \n")); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}
