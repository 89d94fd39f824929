package cloudwatch

// OwnNames returns the fields and metrics that the run shows.
func (f *Fragment) OwnNames() []string {
	names := append([]string{}, f.observation.Fields...)
	for _, m := range f.observation.Metrics {
		names = append(names, m.Name)
	}
	return names
}

// Series returns the metrics that the run shows, as texts.
func (f *Fragment) Series() []string {
	var list []string
	for _, m := range f.observation.Metrics {
		list = append(list, m.series())
	}
	return list
}

// Grid is the width of a dashboard.
const Grid = gridWidth
