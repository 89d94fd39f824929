// Package guide has the code that the guides in docs/ show. A line // guide: NAME begins a part that
// a document shows under this name, and a line // end ends it. The program .ci/docs.go compares the
// two. The examples run in tests, so a document shows the output that the code has.
package guide
