package publisher_test

import (
	"testing"
	"time"

	"bantin/publisher"
)

// TestMaxAgeIsTheRhythmOfTheChannel: how long a feed may be kept depends on when
// its entries came, and on no clock.
func TestMaxAgeIsTheRhythmOfTheChannel(t *testing.T) {
	tests := []struct {
		name string
		gaps []time.Duration // between articles
		want time.Duration
	}{
		{"nothing", nil, 5 * time.Minute},
		{"too few", []time.Duration{24 * time.Hour, 24 * time.Hour}, 5 * time.Minute},
		{"every minute", []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute}, 5 * time.Minute},
		{"every hour", []time.Duration{time.Hour, time.Hour, time.Hour, time.Hour}, 15 * time.Minute},
		{"several at a time", []time.Duration{0, time.Hour, time.Second, 0, time.Hour, 0, 0, 0, 0, time.Hour}, 15 * time.Minute},
		{"one long night", []time.Duration{time.Hour, time.Hour, 12 * time.Hour, time.Hour, time.Hour}, 15 * time.Minute},
		{"every week", []time.Duration{168 * time.Hour, 168 * time.Hour, 168 * time.Hour}, time.Hour},
		{"whole minutes", []time.Duration{50 * time.Minute, 50 * time.Minute, 50 * time.Minute}, 12 * time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			content := sampleContent()
			channel := &content.Channels[0]
			one := channel.Articles[0]
			channel.Articles = nil
			for i, gap := range append([]time.Duration{0}, test.gaps...) {
				one.ID = string(rune('a' + i))
				one.FirstSeen = one.FirstSeen.Add(gap)
				channel.Articles = append(channel.Articles, one)
			}
			site := renderSite(t, content)
			for _, name := range publisher.DocumentNames() {
				f, ok := site.File("/c/" + channel.ID + "/" + name)
				if !ok || f.MaxAge != test.want {
					t.Errorf("%q: got %v, want %v", name, f.MaxAge, test.want)
				}
			}
		})
	}
}
