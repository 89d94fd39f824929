// Package golden holds only tests: they do with the sources of this module what recorded
// programs did with the official libraries, and compare the requests on the wire and what
// comes back.
package paramsgolden
