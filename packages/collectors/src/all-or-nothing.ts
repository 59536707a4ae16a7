import type { Emitter, MetricTable } from "./collector.ts";

/**
 * An emitter that delays samples. For each sample it adds a function to `held`; the functions emit the samples later.
 */
interface Holding {
  readonly emitter: object;
  readonly held: (() => void)[];
}

/**
 * Delaying emitters, by the collector's own emitter. The emitters are reused, because creating an emitter costs more
 * than reading the files, and most hosts do not have the hardware.
 */
const HOLDINGS = new WeakMap<object, Holding>();

/**
 * Emits the samples of `read` only if `read` returns without an error. If one file of a device class cannot be read, no
 * device of the class is shown, as in node_exporter.
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
