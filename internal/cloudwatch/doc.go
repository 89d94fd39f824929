// Package cloudwatch makes dashboards, alarms and saved queries of CloudWatch for a Lambda function.
// Its input is an [Observation]: the metrics and log fields that the function wrote in a run. Its
// output is a [Fragment], as a CloudFormation template or as a Terraform configuration in JSON.
//
// The package reads and writes no files. A [Collector] turns the lines of a function into an
// Observation. The same Observation and [Options] always give the same bytes.
package cloudwatch
