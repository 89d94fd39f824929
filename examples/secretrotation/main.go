// Command secretrotation is a Lambda function whose database password is rotated. If the
// database refuses the password, the function fetches it again, once, and repeats the query.
// Run it from the root of the repository with
//
//	go run ./cmd/lambdakit run -n 3 ./examples/secretrotation
package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/secrets"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/params"
)

func main() {
	logs := logging.New(&logging.Options{Service: "stock"})
	slog.SetDefault(slog.New(logs))

	name := cmp.Or(os.Getenv("SECRET"), "stock/db/password")
	var source params.PutSource = &vault{password: "first password"} // to run the example anywhere
	if os.Getenv("CONFIG") == "secretsmanager" {
		source = secrets.New(nil, nil)
	}
	cache, err := params.New(source, nil)
	if err != nil {
		logs.Fatal("set up parameters", "error", err)
	}
	lambda.Start(lambdakit.Wrap(newStock(cache, source, name).handle, logs.Middleware))
}

type request struct {
	SKU    string `json:"sku"`
	Rotate bool   `json:"rotate"` // rotate the password before the query
}

type answer struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

type stock struct {
	secrets *params.Cache
	secret  string // the name of the database's secret
	db      *database
}

func newStock(cache *params.Cache, source params.PutSource, secret string) *stock {
	return &stock{secrets: cache, secret: secret, db: &database{secrets: source, secret: secret}}
}

func (s *stock) handle(ctx context.Context, r request) (answer, error) {
	if r.Rotate {
		if err := s.db.rotate(ctx); err != nil {
			return answer{}, err
		}
	}
	a := answer{SKU: r.SKU}
	err := params.RunWithRotation(ctx, s.secrets, s.secret, func(ctx context.Context, password lambdakit.Secret) error {
		var err error
		a.Quantity, err = s.db.quantity(ctx, password, r.SKU)
		slog.InfoContext(ctx, "query", "password", password, "error", err) // prints [redacted]
		return err
	}, func(err error) bool { return errors.Is(err, errRefused) })
	return a, err
}
