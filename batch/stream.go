package batch

import "context"

// stream returns the function of a Kinesis or DynamoDB stream.
func stream(s *source, c *config, key func(*Record) string, handle func(context.Context, *Record) error) func(context.Context, Event) (Response, error) {
	return func(ctx context.Context, e Event) (Response, error) {
		records, err := s.event(e.payload)
		if err != nil {
			return Response{}, err
		}
		b := newBatch(ctx, c, records, handle)
		b.policy = byStream
		switch c.Order {
		case ByKey:
			b.laneName = key
		case ByShard:
			b.laneName = func(*Record) string { return "" }
		}
		return b.respond(b.run())
	}
}
