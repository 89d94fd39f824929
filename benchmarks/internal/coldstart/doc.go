// Package coldstart builds functions, with the toolkit and with other libraries, and measures
// the cost of their programs: size, start-up, memory and the time of a warm invocation.
//
// Each function is a program in testdata. It is built in its own module, in a temporary folder,
// with the versions of [Functions] and the modules of the checkout. So the requirements of one
// library never raise the versions of another. Functions are built as for Lambda,
//
//	CGO_ENABLED=0 GOWORK=off go build -trimpath -tags lambda.norpc -ldflags '-s -w'
//
// but for this machine's system and processor. All take the same small event. Functions that
// log write one line, functions with metrics write two metrics, and functions that trace make
// one span below the span of the handler. X-Ray's trace is not sampled. Spans for an OTLP backend
// are recorded, and each invocation sends them to a server in this process.
//
// # Measurements
//
// Each start is a new process, with a new Runtime API of the toolkit's emulator on 127.0.0.1.
// Functions take turns. First each function is started once without being counted. Then each
// round starts every function once.
//
//   - Init: from just before the process is started to its first request for an event. This
//     includes starting the process, which an empty program takes part of as well.
//   - First: from handing out the first event to its answer. Functions with params fetch their
//     parameter in it, from a server in this process. Functions with tracing open their socket.
//   - Warm: the same for the following invocations. It is the median of one start.
//   - FirstWhole, Whole: the same until the function asks for its next event, so with the work after the
//     answer.
//   - Memory: the peak of the resident set after the last invocation (VmHWM of /proc; 0 on
//     systems without /proc).
//
// To add a function, add an entry to [Functions] and a program to testdata. Each program is
// complete, as a user would write it, and repeats the parts that it shares with others.
package coldstart
