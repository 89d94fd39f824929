package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
)

// choices are the functions of docs/choosing.md, in this order.
var choices = []string{
	coldstart.Bare, "logging", "metrics", "tracing", "full", "httpapi-typed", "batch", "full-otlp",
	"slog", "zerolog", "xray", "zerolog-xray", "otlp", "libraries",
}

// Prices of Lambda in US East (N. Virginia), in dollars. (AWS, https://aws.amazon.com/lambda/pricing/)
const (
	perMillionRequests = 0.20
	perGBSecondARM     = 0.0000133334
	perGBSecondX86     = 0.0000166667
)

const (
	// wholeProcessor is the memory in MB with which a function has one processor. With less memory it
	// has a proportional share. (Lambda Developer Guide, Configure Lambda function memory)
	wholeProcessor = 1769

	// coldShare is the share of invocations that are cold starts. In production it is usually lower.
	// (Lambda Operator Guide, Lambda execution environments)
	coldShare = 0.01
)

// dollars returns the price of a million invocations. The times were measured with a whole processor.
func dollars(m coldstart.Measurement, memoryMB, perGBSecond float64) float64 {
	billed := func(ns float64) float64 { // seconds, in whole milliseconds
		return math.Ceil(ns*max(1, wholeProcessor/memoryMB)/ms) / 1000
	}
	cold := billed(stats.Median(m.Init) + stats.Median(m.FirstWhole))
	warm := billed(stats.Median(m.Whole))
	return perMillionRequests + 1e6*memoryMB/1024*perGBSecond*(coldShare*cold+(1-coldShare)*warm)
}

// choosingTable prints the functions that people choose between.
func choosingTable(all []coldstart.Measurement) string {
	cells := [][]string{{
		"function", "with", "size", "start", "first invocation", "warm invocation", "warm, billed",
		"128 MB arm64", "128 MB x86", "512 MB arm64", "512 MB x86",
	}}
	for _, name := range choices {
		i := slices.IndexFunc(all, func(m coldstart.Measurement) bool { return m.Name == name })
		if i < 0 {
			continue
		}
		m := all[i]
		row := []string{
			"`" + m.Name + "`", m.What, sizeInBytes.format(float64(m.Bytes)),
			median(m.Init), median(m.First), median(m.Warm), median(m.Whole),
		}
		for _, c := range []struct{ memoryMB, perGBSecond float64 }{
			{128, perGBSecondARM}, {128, perGBSecondX86}, {512, perGBSecondARM}, {512, perGBSecondX86},
		} {
			price := "-"
			if len(m.Whole) > 0 {
				price = fmt.Sprintf("$%.3f", dollars(m, c.memoryMB, c.perGBSecond))
			}
			row = append(row, price)
		}
		cells = append(cells, row)
	}
	return markdown(cells)
}
