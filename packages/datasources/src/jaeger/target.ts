import type { JsonObject } from "@narthex/dashboards";
import { numberAt, textAt } from "../json-values.ts";

const DEFAULT_LIMIT = 20;
/** Largest number of traces of a search. */
const MAX_LIMIT = 1500;
/** The choice of Grafana's editor for all operations of a service. */
const ALL_OPERATIONS = "All";

/** A target in the form in which Grafana's query editor for Jaeger saves it. */
export interface JaegerTarget {
  readonly queryType: string;
  /** The id of a trace. */
  readonly query: string;
  readonly service: string;
  /** Empty for all operations. */
  readonly operation: string;
  /** Tags in logfmt. */
  readonly tags: string;
  /** Durations as Jaeger reads them: `1.2s`, `100ms`. */
  readonly minDuration: string;
  readonly maxDuration: string;
  readonly limit: number;
}

/** Reads a target. Values of a wrong type are treated as absent. */
export function readJaegerTarget(source: JsonObject): JaegerTarget {
  const operation = textAt(source, "operation");
  const limit = numberAt(source, "limit");
  return {
    queryType: textAt(source, "queryType"),
    query: textAt(source, "query").trim(),
    service: textAt(source, "service"),
    operation: operation === ALL_OPERATIONS ? "" : operation,
    tags: textAt(source, "tags"),
    minDuration: textAt(source, "minDuration").trim(),
    maxDuration: textAt(source, "maxDuration").trim(),
    limit: limit !== undefined && limit >= 1 ? Math.min(MAX_LIMIT, Math.floor(limit)) : DEFAULT_LIMIT,
  };
}
