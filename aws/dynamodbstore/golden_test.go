package dynamodbstore_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/goldentest"
)

func TestGolden(t *testing.T) { goldentest.Run(t) }
