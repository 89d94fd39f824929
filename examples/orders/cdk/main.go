// Command cdk deploys the function of examples/orders with the AWS CDK: the resources of
// ../template.yaml. Run the commands in this directory. They need Go, Node.js and the AWS CDK CLI
// (npm install -g aws-cdk).
//
//	build:  CGO_ENABLED=0 GOOS=linux GOARCH=arm64 GOFLAGS="-tags=lambda.norpc -trimpath -ldflags=-s" go build -C ../.. -o orders/cdk/build/bootstrap ./orders
//	deploy: cdk deploy
//	call:   curl -i -H 'Content-Type: application/json' -d '{"items":[{"sku":"mug","quantity":2,"price":8.5}],"card":"tok_visa"}' URL/orders
//	watch:  aws logs tail LOGGROUP --follow
//	remove: cdk destroy
//
// URL and LOGGROUP are outputs of the stack. The table stays if the stack is removed.
//
// GoFunction of aws-lambda-go-alpha builds a function as part of the deployment. Its defaults do not
// fit: set Runtime to provided.al2023, Architecture to ARM_64, and GOFLAGS in Bundling.Environment.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	NewStack(app, "orders", &Options{Binary: "build"})
	app.Synth(nil)
}
