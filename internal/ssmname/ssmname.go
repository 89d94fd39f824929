// Package ssmname splits the names of parameters of AWS Systems Manager Parameter Store.
//
// Other modules import this package, so it changes only by addition.
package ssmname

import "strings"

// Split splits a name, such as "/shop/key:3", into the name and its version or label. The colons of
// an ARN do not start a version or label. (Systems Manager, Working with parameter versions)
func Split(name string) (base, selector string) {
	i := strings.LastIndexByte(name, ':')
	if i < 0 || strings.HasPrefix(name, "arn:") && strings.Count(name, ":") < 6 {
		return name, ""
	}
	return name[:i], name[i+1:]
}
