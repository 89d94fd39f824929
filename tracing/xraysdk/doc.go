// Package xraysdk connects package tracing with code that still uses the AWS X-Ray SDK for Go. With
// it you can replace the SDK call by call.
//
// Since 25 February 2026 the SDK gets only critical security fixes. Its support ends on 25 February
// 2027. (AWS X-Ray Developer Guide, SDK and daemon end of support)
//
// This module uses version 2 of the SDK, github.com/aws/aws-xray-sdk-go/v2. Code that uses version 1
// must change its import path first. Version 2 has the same API, but instruments only
// aws-sdk-go-v2. Contexts of version 1 do not work with version 2.
//
// # Two ways
//
// [Middleware] lets package tracing create the spans. Subsegments of the SDK (xray.Capture,
// xray.Client, the instrumentor for aws-sdk-go-v2) become children of the handler span. This costs
// less, and X-Ray shows the spans of invocations that time out.
//
//	tracer := tracing.New(nil)
//	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware, xraysdk.Middleware))
//
// [NewProvider] makes every span a subsegment of the SDK. Spans and subsegments can be nested in
// each other at any depth, and the configuration of the SDK applies to both. Use it if calls of the
// SDK and of package tracing are nested in each other.
//
//	tracer := tracing.New(&tracing.Options{TracerProvider: xraysdk.NewProvider()})
//	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
//
// # Replacing the SDK
//
//   - xray.Capture becomes tracing.Run.
//   - xray.Client becomes tracing.Transport.
//   - awsv2.AWSV2Instrumentor becomes awssdk.Instrument.
//   - xray.AddAnnotation becomes tracing.Annotate.
//
// Then remove Middleware or NewProvider. Without this module the binary is about 6 MB smaller.
package xraysdk
