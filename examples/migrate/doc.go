// Package migrate has the code of the guides in docs/migrate: functions before and after a move to
// lambdakit. It is a module of its own, so that no other example depends on the libraries that the
// guides replace. See package guide for the form.
package migrate
