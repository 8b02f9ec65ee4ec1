package main

import "bantin/config"

type checkCmd struct{}

// Run validates the configuration.
func (checkCmd) Run(s *session) error {
	k, err := learn(s.getenv)
	if err != nil {
		return err
	}
	cfg, err := config.Load(s.config, k.known)
	if err != nil {
		return err
	}
	s.printf("%s is well: %d sources, %d channels, %d digests\n",
		s.config, len(cfg.Sources), len(cfg.Channels), len(cfg.Digests))
	return nil
}
