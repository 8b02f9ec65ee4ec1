package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"bantin/internal/pipeline"
)

// healthPath is where the daemon says how its outputs are.
const healthPath = "/healthz"

// outputsStatus is how the outputs of a daemon are. Times are RFC 3339, null when
// there was none.
type outputsStatus struct {
	State      string     `json:"state"`       // fresh, stale, none or unknown
	Rendered   *time.Time `json:"rendered"`    // last
	StaleSince *time.Time `json:"stale_since"` // the store could not be read since
}

const (
	outputsFresh   = "fresh"   // they follow the store
	outputsStale   = "stale"   // the store cannot be read: the last good ones are served
	outputsNone    = "none"    // the first are being made
	outputsUnknown = "unknown" // no daemon answers
)

func newOutputsStatus(o pipeline.Outputs, loc *time.Location) outputsStatus {
	st := outputsStatus{State: outputsFresh, Rendered: in(o.Rendered, loc), StaleSince: in(o.StaleSince, loc)}
	switch {
	case o.Rendered.IsZero():
		st.State = outputsNone
	case !o.StaleSince.IsZero():
		st.State = outputsStale
	}
	return st
}

// serveHealth answers 200 while there are outputs to serve, so that a load
// balancer keeps sending readers while the store is away.
func (a *app) serveHealth(w http.ResponseWriter, r *http.Request) {
	st := newOutputsStatus(a.pipeline.Outputs(), a.config.Site.Timezone)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if st.State == outputsNone {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if err := json.NewEncoder(w).Encode(st); err != nil {
		a.logger.DebugContext(r.Context(), "write the state of the outputs", "error", err)
	}
}

// askDaemon asks the daemon of a configuration's listen address. One that does
// not answer is no error: there need not be any.
func askDaemon(ctx context.Context, listen string) outputsStatus {
	unknown := outputsStatus{State: outputsUnknown}
	const timeout = 2 * time.Second // it answers from memory
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialable(listen)+healthPath, http.NoBody)
	if err != nil {
		return unknown
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy
	response, err := transport.RoundTrip(request)
	if err != nil {
		return unknown
	}
	defer response.Body.Close()
	const most = 4 << 10 // another program may listen there
	var st outputsStatus
	err = json.NewDecoder(http.MaxBytesReader(nil, response.Body, most)).Decode(&st)
	switch st.State {
	case outputsFresh, outputsStale, outputsNone:
		if err == nil {
			return st
		}
	}
	return unknown
}

// dialable is an address to listen on as one to connect to.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// remark is what people are told of the outputs; empty when all is well or there
// is no daemon.
func (o outputsStatus) remark() string {
	if o.State != outputsStale {
		return ""
	}
	return fmt.Sprintf("\nThe outputs are stale: the daemon cannot read the store since %s and serves what it rendered at %s.\n",
		short(o.StaleSince), short(o.Rendered))
}
