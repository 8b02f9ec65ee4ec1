package vietnamese

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Quantity is a number with its unit, as in 73,5 ha and 1.200 tỷ đồng.
type Quantity struct {
	Value float64 // with its thousand, million or thousand million
	Unit  string  // in one spelling; empty behind a bare "5 triệu"
	Text  string  // as it was written
}

// quantityShape is a number with a decimal comma and a dot before each three
// digits, then words for powers of ten, then a unit. One of the two must follow.
// "1.1" is no number: it could be the first of January.
var quantityShape = regexp.MustCompile(`(?i)(\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?) ?` +
	`((?:trăm|nghìn|ngàn|vạn|triệu|tỷ|tỉ)(?: (?:nghìn|ngàn|triệu|tỷ|tỉ))*)? ?` +
	`(%|°C|độ C|héc-ta|héc ta|hecta|ha|km2|km²|km|m2|m²|mét vuông|m3|m³|mét khối|cm|mm|mét|m|kg|tấn|tạ|lít|kWh|kW|MW|đồng|USD)?`)

// Quantities are the measured numbers of a clean text, in its order.
func Quantities(s string) []Quantity {
	var found []Quantity
	for _, at := range quantityShape.FindAllStringSubmatchIndex(s, -1) {
		part := func(group int) string {
			if at[2*group] < 0 {
				return ""
			}
			return s[at[2*group]:at[2*group+1]]
		}
		number, power, unit := part(1), part(2), part(3)
		text := strings.TrimRight(s[at[0]:at[1]], " ")
		end := at[0] + len(text)
		if power == "" && unit == "" || !standsAlone(s[:at[0]]) || goesOn(s[end:], unit) {
			continue
		}
		value, err := strconv.ParseFloat(strings.NewReplacer(".", "", ",", ".").Replace(number), 64)
		if err != nil {
			continue
		}
		found = append(found, Quantity{Value: value * powerOf(power), Unit: unitOf(unit), Text: text})
	}
	return found
}

// standsAlone reports whether a number may begin behind a text: not in the middle
// of another number, a date or a code, and not behind a minus, which no measure
// of the news has but the temperature. The dash of a range is none.
func standsAlone(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	switch r {
	case '.', ',', '/', ':':
		return false
	case '-', '–':
		start := strings.TrimRight(strings.TrimRight(before, "-–"), " ")
		return start != "" && '0' <= start[len(start)-1] && start[len(start)-1] <= '9'
	}
	return !isWord(r)
}

// goesOn reports whether a text behind a unit makes it another word or another
// unit: m in "5 mũi", km in "60 km/h".
func goesOn(after, unit string) bool {
	r, _ := utf8.DecodeRuneInString(after)
	return r == '/' || unit != "%" && isWord(r)
}

// powerOf is what the words for powers of ten come to: a thousand of thousand
// millions is nghìn tỷ.
func powerOf(words string) float64 {
	power := 0
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		switch word {
		case "trăm":
			power += 2
		case "nghìn", "ngàn":
			power += 3
		case "vạn":
			power += 4
		case "triệu":
			power += 6
		case "tỷ", "tỉ":
			power += 9
		}
	}
	return math.Pow10(power)
}

// unitOf is the one spelling of a unit.
func unitOf(unit string) string {
	switch unit = strings.ToLower(unit); unit {
	case "héc-ta", "héc ta", "hecta":
		return "ha"
	case "km²":
		return "km2"
	case "m²", "mét vuông":
		return "m2"
	case "m³", "mét khối":
		return "m3"
	case "mét":
		return "m"
	case "°c", "độ c":
		return "°C"
	case "kwh":
		return "kWh"
	case "kw":
		return "kW"
	case "mw":
		return "MW"
	case "usd":
		return "USD"
	}
	return unit
}
