package idempotency_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lambdakit/lambdakit/idempotency"
)

// printKeys prints the beginnings of the keys of two API Gateway events with the same order.
func printKeys(o *idempotency.Options) {
	o.Prefix = "orders"
	once, err := idempotency.New(nil, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, event := range []string{
		`{"requestContext":{"requestId":"1"},"body":"{\"id\":\"o-1\",\"items\":[{\"sku\":\"a\"},{\"sku\":\"b\"}]}"}`,
		`{"requestContext":{"requestId":"2"},"body":"{\"items\":[{\"sku\":\"a\"},{\"sku\":\"b\"}],\"id\":\"o-1\"}"}`,
	} {
		key, err := once.Key(context.Background(), []byte(event))
		fmt.Printf("%.20s %v\n", key, err)
	}
}

// The id of the order inside the body is the key.
func ExamplePath() {
	printKeys(&idempotency.Options{Key: idempotency.Path("powertools_json(body).id")})
	// Output:
	// orders#00d5c8b71f851 <nil>
	// orders#00d5c8b71f851 <nil>
}

// JMESPath has the whole language: here a projection and a function.
func ExampleJMESPath() {
	printKeys(&idempotency.Options{Key: idempotency.JMESPath("join(',', powertools_json(body).items[*].sku)")})
	// Output:
	// orders#4e4660e3c3416 <nil>
	// orders#4e4660e3c3416 <nil>
}

// A function computes the key.
func ExampleOptions_keyFunc() {
	printKeys(&idempotency.Options{KeyFunc: func(event []byte) (string, error) {
		var request struct{ Body string }
		if err := json.Unmarshal(event, &request); err != nil {
			return "", err
		}
		var order Order
		err := json.Unmarshal([]byte(request.Body), &order)
		return order.ID, err
	}})
	// Output:
	// orders#00d5c8b71f851 <nil>
	// orders#00d5c8b71f851 <nil>
}

// The keys are equal to the keys of the Python function app.lambda_handler, so that the records of
// Powertools for AWS Lambda (Python) stay valid.
func ExamplePythonKey() {
	once, err := idempotency.New(nil, &idempotency.Options{
		Key:    idempotency.Path("id"),
		Digest: idempotency.PythonKey("app.lambda_handler", nil),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(once.Key(context.Background(), []byte(`{"id":"o-1","total":29.95}`)))
	// Output: local.app.lambda_handler#cbcbdb948de16bfe7e49a81f91500ab1 <nil>
}

// The keys are equal to the keys of Powertools for AWS Lambda (TypeScript). An expression whose value
// can differ is refused.
func ExampleTypeScriptKey() {
	o := &idempotency.Options{
		Key:    idempotency.Path("id"),
		Digest: idempotency.TypeScriptKey(nil),
	}
	once, err := idempotency.New(nil, o)
	if err != nil {
		panic(err)
	}
	fmt.Println(once.Key(context.Background(), []byte(`{"id":"o-1","total":29.95}`)))

	o.Key = idempotency.JMESPath("to_string(total)")
	_, err = idempotency.New(nil, o)
	fmt.Println(err)
	// Output:
	// local#y8vblI3ha/5+SagfkVAKsQ== <nil>
	// idempotency: Options.Key: to_string(total): the key would differ in TypeScript because of to_string: it writes 100.00 as 100 and rounds integers beyond 2^53; pick the plain value with Path, or compute the key with KeyFunc
}
