// Serves /metrics of many aws-node pods, each at an address of its own, on port 61678.
//
// Families, types, help texts and their order are those that ipamd's own registry gathers
// (amazon-vpc-cni-k8s/utils/prometheusmetrics), encoded by promhttp behind a server with ipamd's time limits.
// Only the numbers are replaced, by those of a table that is changed through a control port:
//
//	POST /set      {"10.77.0.1": {"values": {"awscni_add_ip_req_count": 5}, "mode": "", "start": 1.7e9}}
//	POST /add      the same, but the values are added to those of the table
//	POST /restart  ["10.77.0.1"]: ipamd starts again, so its counters are 0
//	GET  /truth    the table
//
// The sum and the count of a summary have the keys <series>:sum and <series>:count.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/amazon-vpc-cni-k8s/utils/prometheusmetrics"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

type pod struct {
	Values map[string]float64 `json:"values"`
	// A key of modes, "" to answer as ipamd does, or "closed": nothing listens.
	Mode string `json:"mode"`
	// Unix seconds at which the process started.
	Start float64 `json:"start"`
	// Requests so far.
	Scrapes int `json:"scrapes"`
}

var (
	mutex   sync.Mutex
	pods    = map[string]*pod{}
	servers = map[string]*http.Server{}
)

// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/utils/prometheusmetrics/prometheusmetrics.go
const (
	port         = 61678
	ipamdTimeout = 5 * time.Second
)

// seed creates the label sets of an ipamd that has run for a while, so that the registry shows every family.
func seed() {
	prometheusmetrics.PrometheusRegister()
	prometheusmetrics.IpamdErr.WithLabelValues("nodeInit")
	prometheusmetrics.IpamdActionsInprogress.WithLabelValues("nodeInit")
	prometheusmetrics.ReconcileCnt.WithLabelValues("eniDataStorePoolReconcileAdd")
	prometheusmetrics.ReconcileCnt.WithLabelValues("eniReconcileAdd")
	prometheusmetrics.DelIPCnt.WithLabelValues("PodDeleted")
	prometheusmetrics.DelIPCnt.WithLabelValues("SetupNSFailed")
	prometheusmetrics.PodENIErr.WithLabelValues("increaseDatastorePool")
	for _, api := range []string{"DescribeNetworkInterfaces", "AssignPrivateIpAddresses", "CreateNetworkInterface"} {
		prometheusmetrics.AwsAPILatency.WithLabelValues(api, "false", "200")
		prometheusmetrics.Ec2ApiReq.WithLabelValues(api)
		prometheusmetrics.Ec2ApiErr.WithLabelValues(api)
	}
	prometheusmetrics.AwsAPIErr.WithLabelValues("AssignPrivateIpAddresses", "InsufficientFreeAddressesInSubnet")
	prometheusmetrics.AwsAPIErr.WithLabelValues("CreateNetworkInterface", "RequestLimitExceeded")
	prometheusmetrics.AwsUtilsErr.WithLabelValues("tagENI", "timeout")
	prometheusmetrics.IpsPerCidr.WithLabelValues("10.0.0.0/32")
	prometheusmetrics.IpsPerCidr.WithLabelValues("10.0.1.0/28")
	prometheusmetrics.EniIPsInUse.WithLabelValues("eni-0123456789abcdef0")
	prometheusmetrics.IpamdStartupDuration.WithLabelValues("true", "true", "").Observe(2.5)
	prometheusmetrics.IpamdNodeInitDuration.WithLabelValues("true").Observe(1.5)
	prometheusmetrics.ConnmarkBackend.WithLabelValues("iptables").Set(1)
}

func seriesName(family string, metric *dto.Metric) string {
	labels := make([]string, 0, len(metric.Label))
	for _, label := range metric.Label {
		labels = append(labels, fmt.Sprintf("%s=%q", label.GetName(), label.GetValue()))
	}
	if len(labels) == 0 {
		return family
	}
	return family + "{" + strings.Join(labels, ",") + "}"
}

// gather returns what the registry gathers, with the numbers of one pod.
func gather(p *pod) ([]*dto.MetricFamily, error) {
	families, err := prometheus.DefaultGatherer.Gather()
	mutex.Lock()
	defer mutex.Unlock()
	for _, family := range families {
		for _, metric := range family.Metric {
			name := seriesName(family.GetName(), metric)
			value, start := p.Values[name], p.Start
			switch {
			case family.GetName() == "process_start_time_seconds":
				metric.Gauge.Value = &start
			case !strings.HasPrefix(family.GetName(), "awscni_") || family.GetName() == "awscni_connmark_backend":
			case metric.Gauge != nil:
				metric.Gauge.Value = &value
			case metric.Counter != nil:
				metric.Counter.Value = &value
			case metric.Summary != nil:
				sum, count := p.Values[name+":sum"], uint64(p.Values[name+":count"])
				metric.Summary.SampleSum, metric.Summary.SampleCount = &sum, &count
			}
		}
	}
	return families, err
}

// hijack takes over the connection of a request.
func hijack(w http.ResponseWriter) *net.TCPConn {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return connection.(*net.TCPConn)
}

// The troubles that a pod can have while its port is open.
var modes = map[string]http.HandlerFunc{
	"hang": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"500": func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "An error has occurred while serving metrics:\n\ncollected metric twice", 500)
	},
	"503":      func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not ready", 503) },
	"404":      http.NotFound,
	"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
	"garbage": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!DOCTYPE html>\n<html><body>It works!</body></html>\n")
	},
	// 17 MiB, more than the function takes.
	"huge": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		line := strings.Repeat("awscni_assigned_ip_per_cidr{cidr=\"10.0.0.0/32\"} 1\n", 1000)
		for sent := 0; sent < 17<<20; sent += len(line) {
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
		}
	},
	// A byte each second.
	"slow": func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).SetWriteDeadline(time.Time{})
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		for r.Context().Err() == nil {
			io.WriteString(w, "#")
			w.(http.Flusher).Flush()
			time.Sleep(time.Second)
		}
	},
	// The headers and the start of the body, then the end of the connection.
	"cut": func(w http.ResponseWriter, _ *http.Request) {
		connection := hijack(w)
		io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\nawscni_eni_max 3\n")
		connection.Close()
	},
	"reset": func(w http.ResponseWriter, _ *http.Request) {
		connection := hijack(w)
		connection.SetLinger(0)
		connection.Close()
	},
	"eof": func(w http.ResponseWriter, _ *http.Request) { hijack(w).Close() },
	"not-http": func(w http.ResponseWriter, _ *http.Request) {
		connection := hijack(w)
		io.WriteString(connection, "SSH-2.0-OpenSSH_9.6\r\n")
		connection.Close()
	},
}

func handlerOf(p *pod) http.Handler {
	gatherer := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return gather(p) })
	metrics := promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{})
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		mode := p.Mode
		p.Scrapes++
		mutex.Unlock()
		if handle, found := modes[mode]; found {
			handle(w, r)
			return
		}
		metrics.ServeHTTP(w, r)
	})
	return mux
}

// listen opens or closes the port of a pod as its mode demands.
func listen(ip string, p *pod) error {
	current, open := servers[ip]
	if p.Mode == "closed" {
		if open {
			// Together with the connections that the API server keeps.
			current.Close()
			delete(servers, ip)
		}
		return nil
	}
	if open {
		return nil
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", ip, port))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handlerOf(p), ReadTimeout: ipamdTimeout, WriteTimeout: ipamdTimeout}
	servers[ip] = server
	go server.Serve(listener)
	return nil
}

// change reads pods from a request and lays them over the table.
func change(merge func(p *pod, wanted pod)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body map[string]pod
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		mutex.Lock()
		defer mutex.Unlock()
		for ip, wanted := range body {
			p := pods[ip]
			if p == nil {
				p = &pod{Values: map[string]float64{}, Start: now()}
				pods[ip] = p
			}
			merge(p, wanted)
			if wanted.Start != 0 {
				p.Start = wanted.Start
			}
			if err := listen(ip, p); err != nil {
				http.Error(w, err.Error(), 500)
				return
			}
		}
	}
}

func set(p *pod, wanted pod) {
	p.Mode = wanted.Mode
	for name, value := range wanted.Values {
		p.Values[name] = value
	}
}

func add(p *pod, wanted pod) {
	for name, value := range wanted.Values {
		p.Values[name] += value
	}
}

var counterMarks = []string{"_count", "force_removed", "no_available", ":sum"}

func restart(w http.ResponseWriter, r *http.Request) {
	var ips []string
	if err := json.NewDecoder(r.Body).Decode(&ips); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	mutex.Lock()
	defer mutex.Unlock()
	for _, ip := range ips {
		p := pods[ip]
		if p == nil {
			http.Error(w, "no pod at "+ip, 404)
			return
		}
		for name := range p.Values {
			for _, mark := range counterMarks {
				if strings.Contains(name, mark) {
					p.Values[name] = 0
				}
			}
		}
		p.Start = now()
	}
}

func now() float64 { return float64(time.Now().UnixMilli()) / 1000 }

func main() {
	control := flag.String("control", "127.0.0.1:61600", "address of the control port")
	flag.Parse()
	seed()
	http.HandleFunc("/set", change(set))
	http.HandleFunc("/add", change(add))
	http.HandleFunc("/restart", restart)
	http.HandleFunc("/truth", func(w http.ResponseWriter, _ *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		json.NewEncoder(w).Encode(pods)
	})
	log.Fatal(http.ListenAndServe(*control, nil))
}
