// Writes the document of the benchmarks with Powertools for AWS Lambda (TypeScript). The
// documentation of the package says how to run it. Documents go to standard output, and the
// results go to standard error.
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

const metrics = new Metrics({ namespace: 'Shop', serviceName: 'orders' });

function document() {
  metrics.addDimension('route', 'POST /orders'); // removed after each document
  metrics.addMetadata('function_request_id', 'c6af9ac6-7b61-11e6-9a41-93e812345678');
  metrics.addMetadata('attempt', 2);
  metrics.addMetric('Accepted', MetricUnit.Count, 1);
  metrics.addMetric('Latency', MetricUnit.Milliseconds, 12.5);
  metrics.addMetric('Size', MetricUnit.Bytes, 2048);
  metrics.publishStoredMetrics();
}

const n = 50_000;
const batch = 1_000; // after a batch the event loop runs, if standard output needs it

async function documents() {
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) {
    document();
    if (i % batch === batch - 1) await new Promise(setImmediate);
  }
  return Number(process.hrtime.bigint() - start) / n;
}

await documents(); // a first run, so that the time of the compiler does not count
for (let run = 0; run < 3; run++) {
  console.error(`powertools ${Math.round(await documents())} ns/document`);
}
