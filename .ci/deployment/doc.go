// Package deployment checks files that no compiler reads: the templates of the examples, the
// permissions that docs/iam.md lists, and the YAML of workflows and tools.
//
//	cd .ci/deployment && GOWORK=off go test ./...
//
// It is a module, because the root module has one dependency and these checks parse YAML and HCL.
package deployment
