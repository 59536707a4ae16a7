import type { Emitter, MetricTable } from "./collector.ts";

/** An emitter that stores the samples it receives in `held`. */
interface Holding {
  readonly emitter: object;
  readonly held: (() => void)[];
}

/**
 * The holding of each collector's emitter. A holding is reused, because most hosts lack the hardware, and creating a
 * holding costs more than reading the files.
 */
const HOLDINGS = new WeakMap<object, Holding>();

/**
 * Passes on what `read` emits only after `read` returned without an error. For collectors that read a whole class of
 * devices before they emit anything: if one file cannot be read, none of the hardware is shown, as in node_exporter.
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
