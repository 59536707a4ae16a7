import type { SampleColumns } from "@narthex/storage";

/**
 * Merges several lists of samples by time into `into`. If several lists have a sample with the same time, keeps the
 * sample of the first list.
 */
export function mergeColumns(parts: readonly SampleColumns[], into: SampleColumns): SampleColumns {
  into.reset();
  const next = parts.map(() => 0);
  for (;;) {
    let least = -1;
    let time = Infinity;
    for (const [i, { timestamps, count }] of parts.entries()) {
      if (next[i]! >= count || timestamps[next[i]!]! >= time) continue;
      least = i;
      time = timestamps[next[i]!]!;
    }
    if (least === -1) return into;
    into.pushFrom(parts[least]!, next[least]!);
    for (const [i, { timestamps, count }] of parts.entries()) {
      if (next[i]! < count && timestamps[next[i]!] === time) next[i]!++;
    }
  }
}
