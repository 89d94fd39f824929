package lambdakit

// HTTPExchange is the request and the answer of an invocation by an HTTP front end. Package httpapi
// sets it, and traces show it.
type HTTPExchange struct {
	Method string // such as GET
	Route  string // such as /orders/{id}
	Status int
}

// SetHTTP notes what the function answered to an HTTP request. After the end it does nothing.
func (inv *Invocation) SetHTTP(x HTTPExchange) {
	inv.mu.Lock()
	if !inv.phase.hasEnded() {
		inv.writeUncommon().http = x
	}
	inv.mu.Unlock()
}

// HTTP returns the argument of SetHTTP. ok is false if the invocation is not by an HTTP front end, or
// has no answer yet.
func (inv *Invocation) HTTP() (x HTTPExchange, ok bool) {
	inv.mu.Lock()
	x = inv.readUncommon().http
	inv.mu.Unlock()
	return x, x.Status != 0
}
