import { Uint32List } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { type CommonRange, partition, sequenceOrder } from "../block/sequence-order.ts";
import type { HeadSource } from "./ranked-series.ts";

/** Number of rows in one read of the head. Groups up to this size are sorted by copies of their labels. */
const PER_READ = 2048;
/** Number of rows that are compared in one step, between two yields to other work. */
const PER_STEP = 1 << 17;

/**
 * Sorts rows of a head's series table by their labels, in place. `ranks` contains the sort position of each label pair.
 * The sort needs one additional number per row, independent of the number of labels. No series may be removed during
 * the sort.
 */
export function* sortByRanks(head: HeadSource, rows: Uint32Array, ranks: Uint32Array): Steps<void> {
  const keys = new Uint32Array(rows.length);
  const few = new FewRows(head, ranks);
  const waiting = [0, rows.length, 0];
  let looked = 0;
  while (waiting.length > 0) {
    const depth = waiting.pop()!;
    const to = waiting.pop()!;
    const from = waiting.pop()!;
    if (to - from <= PER_READ) yield* few.sort(rows.subarray(from, to), depth);
    else {
      readKeys(head, { rows, ranks, keys }, { from, to, depth });
      partition(rows, keys, waiting, { from, to, depth });
    }
    looked += to - from;
    if (looked < PER_STEP) continue;
    looked = 0;
    yield;
  }
}

interface Columns {
  readonly rows: Uint32Array;
  readonly ranks: Uint32Array;
  readonly keys: Uint32Array;
}

/** Reads the sort key of each row: the rank of its label number `depth`, in the form that partition() expects. */
function readKeys(head: HeadSource, { rows, ranks, keys }: Columns, { from, to, depth }: CommonRange): void {
  for (let first = from; first < to; first += PER_READ) {
    head.readOptimistically(() => {
      const { series } = head.memory;
      const { labelCount } = series.at;
      for (let i = first; i < Math.min(first + PER_READ, to); i++)
        keys[i] = depth < labelCount[rows[i]!]! ? ranks[series.pairAt(rows[i]!, depth)]! + 1 : 0;
    });
  }
}

/** Sorts a small group of rows by copies of their labels. */
class FewRows {
  readonly #head: HeadSource;
  readonly #ranks: Uint32Array;
  readonly #labels = new Uint32List(PER_READ);
  readonly #starts = new Uint32Array(PER_READ + 1);

  constructor(head: HeadSource, ranks: Uint32Array) {
    this.#head = head;
    this.#ranks = ranks;
  }

  /** Sorts rows whose first `depth` labels are equal, by the labels after the first `depth`. */
  *sort(rows: Uint32Array, depth: number): Steps<void> {
    const labels = this.#labels;
    const starts = this.#starts;
    this.#head.readOptimistically(() => {
      const { series } = this.#head.memory;
      labels.length = 0;
      for (let i = 0; i < rows.length; i++) {
        const count = series.at.labelCount[rows[i]!]!;
        for (let k = depth; k < count; k++) labels.push(this.#ranks[series.pairAt(rows[i]!, k)]!);
        starts[i + 1] = labels.length;
      }
    });
    const order = yield* sequenceOrder({ values: labels.values, starts }, rows.length);
    for (let i = 0; i < order.length; i++) order[i] = rows[order[i]!]!;
    rows.set(order);
  }
}
