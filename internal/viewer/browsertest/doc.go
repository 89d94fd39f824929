// Package browsertest tests the page of package viewer in a real browser, with the store and the
// server of the package. The tests have the build tag integration. They need Chromium and axe-core:
// .ci/browser installs both and runs them.
package browsertest
