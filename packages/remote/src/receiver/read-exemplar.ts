import { skipUnknown, type WireReader } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import type { Exemplar } from "@narthex/storage";
import { EXEMPLAR } from "../messages/write-messages.ts";
import { checkLabels } from "../message-limits.ts";
import { readLabel } from "./series-labels.ts";

/** Reads an exemplar of remote write 1.0, up to the end of the reader. */
export function readExemplar(wire: WireReader): Exemplar {
  const pairs: string[] = [];
  let [value, timestamp] = [0, 0];
  for (let tag = wire.tag(EXEMPLAR.message); tag !== 0; tag = wire.tag(EXEMPLAR.message)) {
    if (tag === 10) {
      readLabel(wire, pairs);
      checkLabels(pairs.length / 2);
    } else if (tag === 17) value = wire.double();
    else if (tag === 24) timestamp = wire.int64();
    else skipUnknown(wire, tag, EXEMPLAR);
  }
  return { labels: exemplarLabels(pairs), value, timestamp };
}

/**
 * Returns the labels of an exemplar.
 * @param pairs names and values alternately, in any order
 */
export function exemplarLabels(pairs: readonly string[]): Labels {
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i]!, pairs[i + 1]!]);
  return Labels.of(entries);
}
