package main

import (
	"context"
	"os"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/params"
)

// config is the configuration of the function. If CONFIG is "parameterstore", it is read from
// Parameter Store, with STAGE in the names. Otherwise it is read from environment variables such
// as SHOP_DEV_PAYMENTS_TIMEOUT.
type config struct {
	PaymentsURL     string           `param:"/shop/${STAGE:-dev}/payments/url,optional"`
	PaymentsTimeout time.Duration    `param:"/shop/${STAGE:-dev}/payments/timeout" default:"3s"`
	PaymentsKey     lambdakit.Secret `param:"/shop/${STAGE:-dev}/payments/key" default:"test-key"`
}

func loadConfig(ctx context.Context) (config, error) {
	var source params.Source = params.Environment{}
	if os.Getenv("CONFIG") == "parameterstore" {
		source = parameterstore.New(nil, nil)
	}
	var c config
	store, err := params.New(source, nil)
	if err != nil {
		return c, err
	}
	return c, params.Load(ctx, store, &c)
}
