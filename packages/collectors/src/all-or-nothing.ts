import type { Emitter, MetricTable } from "./collector.ts";

/**
 * Hands on what `read` emits only when it comes to its end. For collectors that look at a whole class of devices before
 * they show any: a file that cannot be read leaves no half of the hardware behind, as with node_exporter.
 */
export function allOrNothing<M extends MetricTable>(emit: Emitter<M>, read: (held: Emitter<M>) => void): void {
  const held: (() => void)[] = [];
  const holding = Object.entries(emit).map(([key, send]: [string, (...sample: never[]) => void]) => [
    key,
    (...sample: never[]) => void held.push(() => send(...sample)),
  ]);
  read(Object.fromEntries(holding) as Emitter<M>);
  for (const send of held) send();
}
