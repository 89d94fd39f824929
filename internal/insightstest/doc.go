// Package insightstest parses queries of CloudWatch Logs Insights in tests. It knows the part of the
// language that this project writes, by the syntax that AWS documents:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
//
// It refuses commands, functions and numbers of arguments that it does not know, and names that must
// stand in backticks.
package insightstest
