package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"pagesbot/bot"
	"pagesbot/store"
)

// metrics are what one app counts. Their registry is its own, so that two apps
// fit into one process. A label's value always comes from a set that is known
// beforehand: nothing that people typed, and no id, project or address.
type metrics struct {
	registry   *prometheus.Registry
	now        func() time.Time
	cloudflare *prometheus.HistogramVec
	slack      *prometheus.CounterVec
	lost       *prometheus.CounterVec
}

const (
	namespace = "pagesbot"
	// otherLabel stands for all that is in no set.
	otherLabel = "other"
)

// newMetrics makes the metrics that need nothing but the program itself.
func newMetrics(version string, now func() time.Time) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		now:      now,
		cloudflare: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "cloudflare_request_duration_seconds",
			Help:    "Time until Cloudflare's API answered, or did not, by HTTP method and result.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "result"}),
		slack: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "slack_requests_total",
			Help: "Calls to Slack, by API method and result.",
		}, []string{"method", "result"}),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "messages_given_up_total",
			Help: "Messages that Slack refused and that were given up, by reason; one that ends its thread counts for all behind it. With token_refused the message waits, and each try counts.",
		}, []string{"reason"}),
	}
	for _, reason := range bot.GaveUpReasons() {
		m.lost.WithLabelValues(reason) // So that the first one shows as a rise.
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say which pagesbot this is.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.cloudflare, m.slack, m.lost, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// gaveUp counts a message for [bot.CourierOptions].
func (m *metrics) gaveUp(reason string) {
	m.lost.WithLabelValues(among(bot.GaveUpReasons(), reason)).Inc()
}

// watchSockets adds the number of open connections to Slack.
func (m *metrics) watchSockets(open func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "sockets_open", Help: "Socket Mode connections to Slack that are open; two are meant to be.",
	}, func() float64 { return float64(open()) }))
}

// watchWork adds what waits in the store, counted when somebody looks.
func (m *metrics) watchWork(count func(context.Context) (store.Waiting, error), log *zap.Logger) {
	m.registry.MustRegister(work{count: count, log: log})
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// among is value where the set has it, and else the word for all others.
func among(set []string, value string) string {
	if slices.Contains(set, value) {
		return value
	}
	return otherLabel
}

// work counts what waits.
type work struct {
	count func(context.Context) (store.Waiting, error)
	log   *zap.Logger
}

// workWaiting describes what work gives.
var workWaiting = prometheus.NewDesc(namespace+"_work_waiting",
	"Work in the database that is not done yet, by kind. Processes that share a database all tell the same.", []string{"kind"}, nil)

// countTimeout bounds the look into the store: whoever watches must hear of the
// rest also while the database hangs.
const countTimeout = 2 * time.Second

// Describe implements [prometheus.Collector].
func (work) Describe(out chan<- *prometheus.Desc) { out <- workWaiting }

// Collect implements [prometheus.Collector]. Where the store does not answer, its
// numbers are left out, and nothing else.
func (w work) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	waiting, err := w.count(ctx)
	if err != nil {
		w.log.Warn("the metrics lack what waits", zap.Error(err))
		return
	}
	for kind, n := range map[string]int64{
		"messages": waiting.Messages, "deployments": waiting.Deployments, "envelopes": waiting.Envelopes, "requests": waiting.Requests,
	} {
		out <- prometheus.MustNewConstMetric(workWaiting, prometheus.GaugeValue, float64(n), kind)
	}
}

// through is the same outside with every HTTP call led through a wrapper.
func (o Outside) through(wrap func(http.RoundTripper) http.RoundTripper) Outside {
	client := *o.HTTP
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	client.Transport = wrap(client.Transport)
	o.HTTP = &client
	return o
}

// roundTrip is a function that is a [http.RoundTripper].
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The results of a call.
const (
	resultOK          = "ok"
	resultRateLimited = "rate_limited"
	// resultRefused: the other side did not do it and said why.
	resultRefused = "refused"
	// resultFailed: the other side is broken.
	resultFailed = "failed"
	// resultNoAnswer: it could not be reached, or did not answer in time.
	resultNoAnswer = "no_answer"
)

// resultOf sorts an answer by its status alone.
func resultOf(response *http.Response, err error) string {
	switch {
	case err != nil:
		return resultNoAnswer
	case response.StatusCode == http.StatusTooManyRequests:
		return resultRateLimited
	case response.StatusCode >= http.StatusInternalServerError:
		return resultFailed
	case response.StatusCode >= http.StatusBadRequest:
		return resultRefused
	}
	return resultOK
}

var httpMethods = []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete}

// timesCloudflare times the calls that leave for Cloudflare.
func (m *metrics) timesCloudflare(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		begun := m.now()
		response, err := next.RoundTrip(r)
		m.cloudflare.WithLabelValues(among(httpMethods, r.Method), resultOf(response, err)).Observe(m.now().Sub(begun).Seconds())
		return response, err
	})
}

// slackMethods are the methods of Slack's API that we call. An upload's address
// is none, and is a secret.
var slackMethods = []string{
	"apps.connections.open", "auth.test", "chat.delete", "chat.postEphemeral", "chat.postMessage", "chat.update",
	"conversations.history", "conversations.replies", "files.completeUploadExternal", "files.getUploadURLExternal",
	"usergroups.list", "users.info", "views.open", "views.update",
}

// countsSlack counts the calls that leave for Slack's API.
func (m *metrics) countsSlack(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		method, result := among(slackMethods, path.Base(r.URL.Path)), resultOf(response, err)
		if result == resultOK && method != otherLabel {
			result = verdictOf(response)
		}
		m.slack.WithLabelValues(method, result).Inc()
		return response, err
	})
}

// countsAnswers counts what is posted to response URLs, which are secrets.
func (m *metrics) countsAnswers(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		m.slack.WithLabelValues("response_url", resultOf(response, err)).Inc()
		return response, err
	})
}

// verdictOf reads what Slack says in the body of a good status, and leaves the
// body as it was.
// https://docs.slack.dev/apis/web-api/#responses
func verdictOf(response *http.Response) string {
	body, err := io.ReadAll(response.Body)
	response.Body = replay{Reader: io.MultiReader(bytes.NewReader(body), failing{err}), Closer: response.Body}
	var said struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch {
	case err != nil:
		return resultNoAnswer
	case json.Unmarshal(body, &said) != nil:
		return resultFailed
	case said.Error == "ratelimited" || said.Error == "rate_limited":
		return resultRateLimited
	case !said.OK:
		return resultRefused
	}
	return resultOK
}

// replay is a body that was read once.
type replay struct {
	io.Reader
	io.Closer
}

// failing ends a body as it ended before.
type failing struct{ err error }

// Read implements [io.Reader].
func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}
