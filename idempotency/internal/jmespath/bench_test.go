package jmespath_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

func BenchmarkSearch(b *testing.B) {
	v, err := jsontree.ParseString(example)
	if err != nil {
		b.Fatal(err)
	}
	for name, expression := range map[string]string{
		"path":       "a.b.c",
		"list":       "[a.b.c, people[0].name]",
		"projection": "people[?age > `35`].{name: name, tags: tags}",
	} {
		b.Run(name, func(b *testing.B) {
			x, err := jmespath.Compile(expression)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.Search(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
