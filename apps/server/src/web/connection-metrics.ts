import { family, type MetricFamily, sample } from "@narthex/exposition";
import { DIAL_FAILURES, type DialCounts, type Dialers, type HttpServer } from "@narthex/http";

const UNUSED = "default";

/** Returns metrics about connections from clients, under the names of Prometheus' listener. */
export function connectionFamilies({ connections: { accepted, closed } }: HttpServer): MetricFamily[] {
  const counter = (what: string, help: string, value: number): MetricFamily =>
    family("counter", `net_conntrack_listener_conn_${what}_total`, help, [sample(value, { listener_name: "http" })]);
  return [
    counter("accepted", "Total number of connections opened to the listener of a given name.", accepted),
    counter("closed", "Total number of connections closed that were made to the listener of a given name.", closed),
  ];
}

/** Returns metrics about outgoing connections, with the names of Prometheus's dialer metrics. */
export function dialFamilies(dialers: Dialers): MetricFamily[] {
  // Adds the dialer `default`, which Prometheus always reports although only a job with this name uses it.
  const others = dialers.inUse().filter(([name]) => name !== UNUSED);
  const named: readonly (readonly [string, DialCounts])[] = [[UNUSED, dialers.of(UNUSED)], ...others];
  const counter = (what: string, help: string, value: (counts: DialCounts) => number): MetricFamily => {
    const samples = named.map(([dialer_name, counts]) => sample(value(counts), { dialer_name }));
    return family("counter", `net_conntrack_dialer_conn_${what}_total`, help, samples);
  };
  const failures = named.flatMap(([dialer_name, counts]) =>
    DIAL_FAILURES.map((reason) => sample(counts.failed(reason), { dialer_name, reason })),
  );
  return [
    counter(
      "attempted",
      "Total number of connections attempted by the given dialer a given name.",
      ({ attempted }) => attempted,
    ),
    counter(
      "closed",
      "Total number of connections closed which originated from the dialer of a given name.",
      ({ closed }) => closed,
    ),
    counter(
      "established",
      "Total number of connections successfully established by the given dialer a given name.",
      ({ established }) => established,
    ),
    family(
      "counter",
      "net_conntrack_dialer_conn_failed_total",
      "Total number of connections failed to dial by the dialer a given name.",
      failures,
    ),
  ];
}
