package otlp

import "strings"

// isXRay reports whether a host is the OTLP endpoint of CloudWatch, such as
// xray.eu-west-1.amazonaws.com, or a VPC endpoint of it.
func isXRay(host string) bool {
	host = strings.ToLower(host)
	return (strings.HasPrefix(host, "xray.") || strings.Contains(host, ".xray.")) &&
		(strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn"))
}
