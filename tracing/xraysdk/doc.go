// Package xraysdk joins OpenTelemetry spans and code that is still instrumented with
// aws-xray-sdk-go, so that a code base can move over call by call.
//
// AWS ends that SDK: since 25 February 2026 it gets critical security fixes only, and its
// support ends on 25 February 2027. (AWS X-Ray Developer Guide, SDK and daemon end of
// support) This module builds on its version 2, github.com/aws/aws-xray-sdk-go/v2. Code on
// version 1 changes the import path first: it is the same API over aws-sdk-go-v2; what
// instruments aws-sdk-go v1, itself past its end, is gone. Contexts of the two versions
// do not mix.
//
// There are two ways. With [Middleware] spans are those of package tracing, and what the
// SDK makes (xray.Capture, xray.Client, its instrumentor for aws-sdk-go-v2) hangs below the
// handler span:
//
//	tracer := tracing.New(nil)
//	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware, xraysdk.Middleware))
//
// With [NewProvider] every span is a subsegment of the SDK, so that the two nest in each
// other at any depth, and the SDK's configuration holds for all:
//
//	tracer := tracing.New(&tracing.Options{Provider: xraysdk.NewProvider()})
//	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
//
// The first costs less and shows spans of invocations that time out, the second is for code
// in which the two calls alternate. The way out: replace xray.Capture by tracing.Run,
// xray.Client by tracing.Transport, awsv2.AWSV2Instrumentor by awssdk.Instrument,
// AddAnnotation by tracing.Annotate, and at last drop Middleware or the Provider, and with
// it this module and some 6 MB of the binary.
package xraysdk
