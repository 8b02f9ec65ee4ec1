package article_test

import (
	"net/url"
	"testing"

	"bantin/internal/article"
)

func TestHost(t *testing.T) {
	tests := map[string]string{
		"http://bao.example/rss":       "bao.example",
		"HTTP://Bao.Example:80/rss":    "bao.example",
		"https://bao.example.:443/rss": "bao.example",
		"https://bao.example:/rss":     "bao.example",
		"https://bao.example:80/rss":   "bao.example:80",
		"http://bao.example:8080/rss":  "bao.example:8080",
		"http://[2001:DB8::1]:80/rss":  "[2001:db8::1]",
		"http://[2001:db8::1]:81/rss":  "[2001:db8::1]:81",
	}
	for link, want := range tests {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if got := article.Host(u); got != want {
			t.Errorf("%s: got %q, want %q", link, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"http://bao.example/rss", "HTTP://BAO.example.:80/rss", true},
		{"http://bao.example", "http://bao.example/", true},
		{"http://bao.example/rss#tin", "http://bao.example/rss", true},
		{"http://bao.example/rss", "https://bao.example/rss", false},
		{"http://bao.example/rss", "http://www.bao.example/rss", false},
		{"http://bao.example/rss", "http://bao.example/RSS", false},
		{"http://bao.example/rss?a=1&b=2", "http://bao.example/rss?b=2&a=1", false},
		{"http://bao.example/b%C3%A1o", "http://bao.example/báo", true},
		{"http://bao.example/a%2Fb", "http://bao.example/a/b", false},
		{"bao", "báo", false},
	}
	for _, test := range tests {
		if got := article.Address(test.a) == article.Address(test.b); got != test.same {
			t.Errorf("%s and %s: got same %t (%s, %s), want %t", test.a, test.b, got, article.Address(test.a), article.Address(test.b), test.same)
		}
	}
}
