import type { Emitter, MetricTable } from "./collector.ts";

/** An emitter that keeps what it is given, in `held`. */
interface Holding {
  readonly emitter: object;
  readonly held: (() => void)[];
}

/** One per emitter, which lives as long as its collector: most hosts lack the hardware, and making one costs more. */
const HOLDINGS = new WeakMap<object, Holding>();

/**
 * Hands on what `read` emits only when it comes to its end. For collectors that look at a whole class of devices before
 * they show any: a file that cannot be read leaves no half of the hardware behind, as with node_exporter.
 */
export function allOrNothing<M extends MetricTable>(emit: Emitter<M>, read: (held: Emitter<M>) => void): void {
  const { emitter, held } = holdingOf(emit);
  held.length = 0;
  read(emitter as Emitter<M>);
  for (const send of held) send();
  held.length = 0;
}

function holdingOf(emit: object): Holding {
  let holding = HOLDINGS.get(emit);
  if (holding === undefined) {
    const held: (() => void)[] = [];
    const senders = Object.entries(emit).map(([key, send]: [string, (...sample: never[]) => void]) => [
      key,
      (...sample: never[]) => void held.push(() => send(...sample)),
    ]);
    HOLDINGS.set(emit, (holding = { emitter: Object.fromEntries(senders) as object, held }));
  }
  return holding;
}
