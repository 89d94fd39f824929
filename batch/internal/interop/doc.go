// Package interop compares package image with feature/dynamodb/attributevalue of aws-sdk-go-v2 on
// generated types and images, and measures both. It is a separate module, so that no other module
// depends on the SDK for it. It has only tests.
package interop
