// Package shop is an API that oapi-codegen generated:
//
//	go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config config.yaml shop.yaml
package shop
