// Package backend measures functions whose spans go to an OTLP backend: how long their callers wait, and
// how long an invocation takes as a whole, if the backend answers immediately, is slow, or hangs.
//
// Each start is a new process under the toolkit's emulator, with Lambda's default timeout of 3 s. The
// function makes some invocations, one after another:
//
//   - Response: from handing out the event to the function's answer. The caller has it then.
//   - Whole: the same until the function and its extension ask for their next events. Lambda bills it,
//     and the next invocation of the process waits for it.
//
// The first invocation of a process is listed separately. It opens the connection, and after it the
// toolkit knows that a backend hangs. If an invocation times out, its process ends, so its start has
// no others.
//
// All processes of a round wait for their backends at the same time. They take turns until they answer,
// but at most 50 ms each, so they do not compete for the processors in the time that is measured.
package backend
