import { family, type MetricFamily, sample } from "@narthex/exposition";
import type { HttpServer } from "@narthex/http";

/** Connections of the server's clients, under the names of the original's listener. */
export function connectionFamilies({ connections: { accepted, closed } }: HttpServer): MetricFamily[] {
  const counter = (what: string, help: string, value: number): MetricFamily =>
    family("counter", `net_conntrack_listener_conn_${what}_total`, help, [sample(value, { listener_name: "http" })]);
  return [
    counter("accepted", "Total number of connections opened to the listener of a given name.", accepted),
    counter("closed", "Total number of connections closed that were made to the listener of a given name.", closed),
  ];
}
