// Package none uses package events and defines nothing.
package none

import "github.com/lambdakit/lambdakit/events"

var Bus *events.Bus
