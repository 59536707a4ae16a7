import { type Codec, INVALID } from "../decode/codec.ts";
import { listOf } from "../decode/collections.ts";
import { text } from "../decode/plain-values.ts";
import type { NameEscaping, ScrapeProtocol } from "./global.ts";

/** All exposition formats that a scrape may request, in the order of Prometheus' messages. */
export const SCRAPE_PROTOCOLS: readonly ScrapeProtocol[] = [
  "OpenMetricsText0.0.1",
  "OpenMetricsText1.0.0",
  "PrometheusProto",
  "PrometheusText0.0.4",
  "PrometheusText1.0.0",
];

/** Exposition formats that a job requests if none are configured. */
export const DEFAULT_PROTOCOLS: readonly ScrapeProtocol[] = [
  "OpenMetricsText1.0.0",
  "OpenMetricsText0.0.1",
  "PrometheusText1.0.0",
  "PrometheusText0.0.4",
];

/** Exposition formats that a job requests if native histograms are enabled, because only protobuf contains these. */
export const PROTO_FIRST_PROTOCOLS: readonly ScrapeProtocol[] = ["PrometheusProto", ...DEFAULT_PROTOCOLS];

/** All escaping schemes for metric names, in the order of Prometheus' messages. */
export const NAME_ESCAPINGS: readonly NameEscaping[] = ["allow-utf-8", "underscores", "dots", "values"];

const protocolNames = listOf(text, { goType: "[]config.ScrapeProtocol" });

/** Returns Prometheus' error for an unknown exposition format. */
export const unknownProtocol = (name: string): string =>
  `unknown scrape protocol ${name}, supported: [${SCRAPE_PROTOCOLS.join(" ")}]`;

/**
 * Returns the codec of `scrape_protocols`. `where` returns the text at the end of each error, such as ` for global
 * config`.
 */
export function protocolList(where: () => string): Codec<readonly ScrapeProtocol[]> {
  return {
    goType: protocolNames.goType,
    decode(node, context) {
      const names = protocolNames.decode(node, context);
      if (names === INVALID) return INVALID;
      const problem = protocolsProblem(names);
      if (problem === undefined) return names as readonly ScrapeProtocol[];
      context.reportValue(node, "scrape-protocols", problem + where(), `choose from ${SCRAPE_PROTOCOLS.join(", ")}`);
      return INVALID;
    },
    encode: (value) => ({ items: [...value] }),
    isZero: (value) => value.length === 0,
  };
}

function protocolsProblem(names: readonly string[]): string | undefined {
  if (names.length === 0) return "scrape_protocols cannot be empty";
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) return `duplicated protocol in scrape_protocols, got [${names.join(" ")}]`;
    if (!(SCRAPE_PROTOCOLS as readonly string[]).includes(name)) return `scrape_protocols: ${unknownProtocol(name)}`;
    seen.add(name.toLowerCase());
  }
  return undefined;
}
