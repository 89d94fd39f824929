// Package coldstart builds functions, with the toolkit and with other libraries, and
// measures what their programs cost: size, start-up, memory and the time of a warm
// invocation.
//
// Each function is a program of testdata, in a module of its own that is made in a
// temporary folder, with the versions of [Functions] and the checkout's own modules:
// what one library requires raises nothing of another's. They are built as for Lambda,
//
//	CGO_ENABLED=0 GOWORK=off go build -trimpath -tags lambda.norpc -ldflags '-s -w'
//
// for this machine's system and processor. All take the same small event, and those that
// log write one line, those with metrics two of them, those that trace a span of a trace
// that is not sampled.
//
// # What is measured
//
// A start is a process of its own, and a Runtime API of its own on 127.0.0.1, that of the
// toolkit's emulator. Functions take turns: first a start of each that is not counted, then
// as many rounds as asked for, in each of which every function is started once.
//
//   - Init: from just before the process is started to its first request for an event.
//     Starting the process, of which an empty program takes its part, is in it.
//   - First: from handing out the first event to its answer. params fetch their parameter
//     in it, from a server of this process, tracing opens its socket.
//   - Warm: the same for the invocations that follow, the median of a start's.
//   - Memory: the peak of the resident set (VmHWM of /proc; 0 where there is none) after
//     the last invocation.
//
// Another function is one more entry of [Functions] and a program in testdata. Each program is
// whole, as a user would write it: what it has in common with others stands in each.
package coldstart
