import type { JsonObject } from "@narthex/dashboards";
import { flagAt, numberAt, textAt } from "../json-values.ts";
import { type AdHocFilter, readTarget } from "../prometheus/target.ts";

/** A target in the form in which Grafana's query editor for Loki saves it. */
export interface LokiTarget {
  readonly expr: string;
  readonly isInstant: boolean;
  /** Maximum number of lines; undefined means the number in the source's settings. */
  readonly maxLines: number | undefined;
  readonly legendFormat: string;
  /** The configured step, a duration as text. Empty means the step that suits the panel's width. */
  readonly step: string;
  /** Factor by which the panel's step is multiplied. */
  readonly resolution: number;
  readonly direction: "backward" | "forward";
  readonly adHocFilters: readonly AdHocFilter[];
}

const RESOLUTIONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 10]);

/** Reads a target. Values of a wrong type are treated as absent. A target of type `stream` is a range query. */
export function readLokiTarget(source: JsonObject): LokiTarget {
  const { adHocFilters } = readTarget(source);
  const queryType = textAt(source, "queryType");
  const maxLines = numberAt(source, "maxLines");
  const resolution = numberAt(source, "resolution") ?? 1;
  return {
    expr: textAt(source, "expr"),
    // Reads the property `instant`, which old dashboards have instead of a query type.
    isInstant: queryType === "" ? flagAt(source, "instant") === true : queryType === "instant",
    maxLines: maxLines !== undefined && maxLines >= 1 ? Math.floor(maxLines) : undefined,
    legendFormat: textAt(source, "legendFormat"),
    step: textAt(source, "step").trim(),
    resolution: RESOLUTIONS.has(resolution) ? resolution : 1,
    direction: textAt(source, "direction") === "forward" ? "forward" : "backward",
    adHocFilters,
  };
}
