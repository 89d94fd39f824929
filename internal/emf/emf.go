// Package emf reads documents in CloudWatch's Embedded Metric Format. Package metrics writes them.
package emf

import (
	"encoding/json"
	"fmt"
	"time"
)

// Member is the name of the member that makes a JSON object a metric document.
const Member = "_aws"

// Document is a metric document, with the reasons why CloudWatch refuses it.
type Document struct {
	Problems   Problems  // CloudWatch refuses all metrics of the document
	Malformed  bool      // a part of the structure has another JSON type than the format says
	Timestamp  time.Time // 1970 if it is missing or malformed
	Directives []Directive
	Cut        bool // more directives, metrics or dimensions than MaxWork allows are left out

	dated bool // it has a timestamp
}

// Directive lists metrics that have the same namespace and dimensions.
type Directive struct {
	Problems   Problems // CloudWatch refuses all metrics of the directive
	Namespace  string
	Dimensions [][]Dimension // the dimension sets
	Metrics    []Metric
}

// Dimension is a dimension of a set.
type Dimension struct {
	Name  string
	Value json.RawMessage // nil if the document does not define it
}

// Metric is one metric of a directive.
type Metric struct {
	Problems       Problems // CloudWatch refuses the metric
	Name, Unit     string
	Value          json.RawMessage // nil if the document does not define it
	Values         []float64       // nil for a statistic set; of a list that is too long, the first 100
	HighResolution bool            // one second
}

// maxProblems is the number of problems that a list keeps.
const maxProblems = 10

// Problems holds the reasons why CloudWatch refuses something.
type Problems []string

func (p *Problems) add(format string, args ...any) {
	if len(*p) < maxProblems {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}
