import { xxhash64 } from "@narthex/bytes";
import type { Labels } from "@narthex/model";
import { type Exemplar, OUTCOME_DUPLICATE, OUTCOME_OK, OUTCOME_OUT_OF_ORDER } from "@narthex/storage";
import { MAX_TIME_MS } from "./float-chunks.ts";

/** OpenMetrics' limit for the total number of characters of an exemplar's label names and values. */
const MAX_CHARACTERS = 128;

/** Returns whether the exemplar's labels are too long, or its time cannot be stored. */
export const isInvalid = (exemplar: Exemplar): boolean =>
  !(Math.abs(exemplar.timestamp) <= MAX_TIME_MS) || isTooLong(exemplar);

function isTooLong({ labels }: Exemplar): boolean {
  let units = 0;
  for (const text of labels.pairs) units += text.length;
  if (units <= MAX_CHARACTERS) return false;
  let characters = 0;
  for (const text of labels.pairs) characters += Array.from(text).length;
  return characters > MAX_CHARACTERS;
}

/**
 * Returns the outcome of appending `next` after the series' last exemplar. Exemplars with equal times are ordered by
 * value, then by the hash of their labels.
 */
export function exemplarOrder(last: Exemplar | undefined, next: Exemplar): number {
  if (last === undefined) return OUTCOME_OK;
  const sameTime = next.timestamp === last.timestamp;
  const noTime = last.borrowedTime === true && next.borrowedTime === true;
  if ((sameTime || noTime) && next.value === last.value && last.labels.equals(next.labels)) return OUTCOME_DUPLICATE;
  if (next.timestamp < last.timestamp) return OUTCOME_OUT_OF_ORDER;
  if (!sameTime || next.value > last.value) return OUTCOME_OK;
  if (next.value < last.value) return OUTCOME_OUT_OF_ORDER;
  return next.value === last.value && hashOf(next.labels) < hashOf(last.labels) ? OUTCOME_OUT_OF_ORDER : OUTCOME_OK;
}

const encoder = new TextEncoder();

/**
 * Returns a hash of the labels, over names and values, each preceded by its length. Prometheus hashes labels in this
 * memory layout, so hashes sort as in Prometheus.
 */
function hashOf(labels: Labels): bigint {
  const parts: Uint8Array[] = [];
  for (const text of labels.pairs) {
    const bytes = encoder.encode(text);
    const { length } = bytes;
    const size = length < 255 ? [length] : [255, length & 0xff, (length >> 8) & 0xff, length >> 16];
    parts.push(Uint8Array.from(size), bytes);
  }
  return xxhash64(Buffer.concat(parts));
}
