import type { MetricFamily } from "@narthex/exposition";
import { quote } from "@narthex/model";
import { GAUGE, TYPE_NAMES, TYPE_WORDS, UNTYPED } from "./metric-type.ts";

/** What pushes must agree with in a family that the process itself exposes. */
export interface OwnFamily {
  readonly type: number;
  readonly help: string | undefined;
  /** Was it there from the start? Then pushed ones get its help text, later ones must bring it. */
  readonly isFromStart: boolean;
}

export type OwnFamilies = ReadonlyMap<string, OwnFamily>;

/** The number of a type as our writers know it. */
export function typeNumber(type: MetricFamily["type"]): number {
  if (type === "unknown") return UNTYPED;
  const at = TYPE_WORDS.indexOf(type as "gauge");
  return at === -1 ? GAUGE : at;
}

/** Why a pushed family cannot stand beside the process's own of that name. */
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
