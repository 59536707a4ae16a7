import type { MetricFamily } from "@narthex/exposition";
import { quote } from "@narthex/model";
import { GAUGE, TYPE_NAMES, TYPE_WORDS, UNTYPED } from "./metric-type.ts";

/**
 * Type and help text of one of the gateway's own metrics. Pushed metrics with the same name must not contradict them.
 */
export interface OwnFamily {
  readonly type: number;
  readonly help: string | undefined;
  /**
   * Whether the gateway exposes the metric from its start. If so, a pushed metric with this name gets the help text of
   * the gateway; otherwise its help text must be equal.
   */
  readonly isFromStart: boolean;
}

export type OwnFamilies = ReadonlyMap<string, OwnFamily>;

/** Returns the protobuf number of a metric type. */
export function typeNumber(type: MetricFamily["type"]): number {
  if (type === "unknown") return UNTYPED;
  const at = TYPE_WORDS.indexOf(type as "gauge");
  return at === -1 ? GAUGE : at;
}

/** Returns the reason why pushed metrics contradict the gateway's own metric with the same name, or undefined. */
export function ownClash(
  { name, type, help }: { readonly name: string; readonly type: number; readonly help: string | undefined },
  own: OwnFamilies,
): string | undefined {
  const known = own.get(name);
  if (known === undefined) return undefined;
  const clash = (what: string, given: string, wanted: string): string =>
    `gathered metric family ${name} has ${what} ${given} but should have ${wanted}`;
  if (!known.isFromStart && (help ?? "") !== (known.help ?? ""))
    return clash("help", quote(help ?? ""), quote(known.help ?? ""));
  return known.type === type ? undefined : clash("type", TYPE_NAMES[type as 0], TYPE_NAMES[known.type as 0]);
}
