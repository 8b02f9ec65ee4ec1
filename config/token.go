package config

import (
	"fmt"
	"strings"

	"bantin/publisher"
)

const (
	// minToken: 16 random characters of 64 are 96 bits, which nobody guesses over
	// a network.
	minToken = 16
	maxToken = 128 // it is part of paths and file names
)

// token reads the secret of a channel, from the environment for "env:NAME". It
// stands in tokens when another channel has it. No message quotes it.
func (d *decoder) token(v value, tokens map[publisher.Token]bool) publisher.Token {
	if v.kind == broken { // reported already
		return ""
	}
	if v.kind != text {
		d.report(v, "must be text", "put it in quotes")
		return ""
	}
	secret := v.text
	if name, ok := strings.CutPrefix(secret, "env:"); ok {
		if secret = d.getenv(name); secret == "" {
			d.report(v, fmt.Sprintf("the environment variable %s is not set", quote(name)), "set it to the token")
			return ""
		}
	}
	token := publisher.Token(secret)
	switch {
	case len(secret) < minToken || len(secret) > maxToken || strings.ContainsFunc(secret, notInToken):
		d.report(v, "not a token", fmt.Sprintf("a token has %d to %d of A-Z, a-z, 0-9, - and _; \"openssl rand -hex 16\" makes one", minToken, maxToken))
	case tokens[token]:
		d.report(v, "another channel has the same token", "their addresses would be one: give each its own")
	}
	tokens[token] = true
	return token
}

func notInToken(r rune) bool {
	return r != '-' && r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}
