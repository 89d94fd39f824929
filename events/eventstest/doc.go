// Package eventstest tests that events of all versions can be read.
//
//	func TestOrderConfirmed(t *testing.T) {
//		eventstest.Golden(t, OrderConfirmed, Confirmed{Total: 1200, Currency: "EUR"})
//	}
//
// [Golden] keeps an event of each version in a file, testdata/events/SOURCE.TYPE.vN.json. The first run
// of a version writes its file and fails; commit the file. From then on the test fails if the event
// cannot be read any more, or if the data of the current version lose or change a member.
//
// To change the data incompatibly, define a new version with an Upcast: see package events. The test
// then writes the file of the new version, and the files of older versions test the upcasts.
//
// [Rule] makes the messages of the tests of consumers.
package eventstest
