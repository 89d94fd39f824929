// Package endpoints tests the endpoints of the clients that sources make.
package endpoints
