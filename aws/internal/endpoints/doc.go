// Package endpoints tests where the clients that sources make send their requests.
package endpoints
