package cloudwatch

import "fmt"

// Prices of us-east-1 in dollars a month, from https://aws.amazon.com/cloudwatch/pricing/ in November 2026.
const (
	priceDashboard   = 3.00  // each beyond three of up to 50 metrics
	priceAlarmMetric = 0.10  // each metric of an alarm
	priceBandMetric  = 0.30  // each metric of an alarm with a band
	priceMetric      = 0.30  // each own metric with its dimensions, of the first 10,000
	priceScan        = 0.005 // each GB that a query scans
)

// Cost is the price of a fragment, and of the metrics of the function, for a month.
type Cost struct {
	Alarms, AlarmMetrics int
	OwnMetrics           int
	FilterMetrics        int     // of filters of the log group
	Dollars              float64 // of all, with a dashboard that is not free
	AlarmDollars         float64
	MetricDollars        float64
}

// Cost returns the cost of the fragment.
func (f *Fragment) Cost() Cost {
	c := Cost{Alarms: len(f.alarms), OwnMetrics: len(f.observation.Metrics)}
	for _, a := range f.alarms {
		c.AlarmMetrics += len(a.metrics)
		price := priceAlarmMetric
		if a.band {
			price = priceBandMetric
		}
		c.AlarmDollars += price * float64(len(a.metrics))
	}
	if f.hasFilter() {
		c.FilterMetrics = 1
	}
	c.MetricDollars = priceMetric * float64(c.OwnMetrics+c.FilterMetrics)
	c.Dollars = priceDashboard + c.AlarmDollars + c.MetricDollars
	return c
}

// String returns the cost in one line.
func (c Cost) String() string {
	metrics := plural(c.OwnMetrics, "own metric") + " that the run showed"
	if c.FilterMetrics > 0 {
		metrics += " and 1 of failure lines"
	}
	return fmt.Sprintf("a month in us-east-1: dashboard $%.2f (an account has three free), %s with %s $%.2f, %s $%.2f, together $%.2f; a query costs $%.3f for each GB that it scans",
		priceDashboard, plural(c.Alarms, "alarm"), plural(c.AlarmMetrics, "metric"), c.AlarmDollars, metrics, c.MetricDollars, c.Dollars, priceScan)
}
