import type { MetricFamily } from "@narthex/exposition";
import { quote } from "@narthex/model";
import { GAUGE, TYPE_NAMES, TYPE_WORDS, UNTYPED } from "./metric-type.ts";

/** Properties of a family of the process itself that pushes must not contradict. */
export interface OwnFamily {
  readonly type: number;
  readonly help: string | undefined;
  /**
   * True if it exists from the start. Pushed families of that name then get its help text; otherwise they must have the
   * same.
   */
  readonly isFromStart: boolean;
}

export type OwnFamilies = ReadonlyMap<string, OwnFamily>;

/** Returns the number of one of our writers' types. */
export function typeNumber(type: MetricFamily["type"]): number {
  if (type === "unknown") return UNTYPED;
  const at = TYPE_WORDS.indexOf(type as "gauge");
  return at === -1 ? GAUGE : at;
}

/** Returns the reason why a pushed family contradicts the process's own of that name. */
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
