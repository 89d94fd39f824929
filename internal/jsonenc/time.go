package jsonenc

import "time"

// AppendTime appends t as a JSON string in the form of RFC 3339, with up to nine decimals, like
// time.Time.MarshalJSON.
func AppendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// AppendMillis appends t in the form of RFC 3339 with exactly three decimals and without
// quotation marks. The time is in UTC, with a Z, if loc is nil, otherwise in loc with its
// offset. A year below 0 becomes 0, and a year above 9999 becomes 9999.
func AppendMillis(dst []byte, t time.Time, loc *time.Location) []byte {
	var c Clock
	return c.AppendMillis(dst, t, loc)
}

// Clock appends times and reuses the text of the last second, since the next time is often in
// the same second. The zero Clock is ready for use. It is not safe for concurrent use.
type Clock struct {
	second int64
	text   [len("2006-01-02T15:04:05.")]byte // empty while text[0] is 0
}

// AppendMillis does the same as the function AppendMillis.
func (c *Clock) AppendMillis(dst []byte, t time.Time, loc *time.Location) []byte {
	offset := 0
	if loc != nil {
		_, offset = t.In(loc).Zone()
	}
	second := t.Unix() + int64(offset)
	ms := uint(t.Nanosecond()) / 1e6
	if second < minSecond || second > maxSecond {
		second, ms = min(max(second, minSecond), maxSecond), 0
	}
	if second != c.second || c.text[0] == 0 {
		c.render(second)
	}
	dst = append(dst, c.text[:]...)
	dst = append(dst, '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10))
	if loc == nil {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	minutes := offset / 60
	return append(dst, sign, '0'+byte(minutes/600), '0'+byte(minutes/60%10), ':', '0'+byte(minutes/10%6), '0'+byte(minutes%10))
}

func (c *Clock) render(second int64) {
	days := floorDiv(second, daySeconds)
	rest := int(second - days*daySeconds)
	year, month, day := civil(days)
	c.second = second
	c.text = [...]byte{
		'0' + byte(year/1000), '0' + byte(year/100%10), '0' + byte(year/10%10), '0' + byte(year%10), '-',
		'0' + byte(month/10), '0' + byte(month%10), '-',
		'0' + byte(day/10), '0' + byte(day%10), 'T',
		'0' + byte(rest/36000), '0' + byte(rest/3600%10), ':',
		'0' + byte(rest/600%6), '0' + byte(rest/60%10), ':',
		'0' + byte(rest/10%6), '0' + byte(rest%10), '.',
	}
}

const (
	daySeconds = 24 * 60 * 60
	minSecond  = -62167219200 // year 0
	maxSecond  = 253402300799 // year 9999
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// civil returns the date of the proleptic Gregorian calendar for days since 1970-01-01. It
// counts in eras of 400 years and in years that begin on the first of March, so that a leap
// day is the last day of its year.
func civil(days int64) (year, month, day int) {
	const era = 146097
	days += 719468 // since 0000-03-01
	e := floorDiv(days, era)
	doe := int(days - e*era)
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	m := (5*doy + 2) / 153
	day = doy - (153*m+2)/5 + 1
	month = m + 3
	year = yoe + int(e)*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}
