import type { Grid, Labels } from "@narthex/model";
import { countOf, recordedWait, type WaitReason, type WaitRecorder } from "@narthex/storage";
import type { SampleBudget } from "../budget.ts";
import type { EngineClock } from "../deadline.ts";
import type { Selection, SelectionRequest } from "../selection.ts";
import type { Selections } from "../selections.ts";
import {
  ABSENT,
  FLOAT,
  type OutputList,
  type RangeSource,
  type ScalarOperator,
  type SeriesColumn,
  type VectorOperator,
} from "../operators/operator.ts";
import type { Expr } from "../syntax/ast.ts";

/** Label sets of a part's output that are kept, to tell why a join of them failed. */
const MOST_KEPT = 1000;

/** What a part asked of the storage. */
export interface ProfiledSelection {
  readonly request: SelectionRequest;
  /** undefined until it was selected. */
  series: number | undefined;
}

/** One part of a plan, with what evaluating it took and gave. */
export class PartProfile {
  readonly expr: Expr;
  readonly grid: Grid;
  readonly inputs: PartProfile[] = [];
  readonly selections: ProfiledSelection[] = [];
  /** It gives the same at every step, and is evaluated at one. */
  isOnce = false;
  /** Equal parts of the query share what one of them finds. */
  isShared = false;
  /** It was evaluated itself; a shared one may have been given what its equal found. */
  isEvaluated = false;
  /** In which its thread was at work on it. */
  workMs = 0;
  /** In which its thread had turns of other jobs, and messages, while it was at work on the part. */
  otherJobsMs = 0;
  /** In which it waited for other servers. */
  serverWaitMs = 0;
  /** Samples read from the storage, each once. */
  samplesRead = 0;
  /** Bytes of encoded samples that were decoded for it. */
  bytesRead = 0;
  /** Series that it gave at least one sample of. */
  series = 0;
  /** Samples, or of a range those before windows are laid over them, that it gave. */
  samples = 0;
  least = Infinity;
  greatest = -Infinity;
  hasHistograms = false;
  /** Labels of series that have samples. */
  readonly labels: Labels[] = [];

  constructor(expr: Expr, grid: Grid) {
    this.expr = expr;
    this.grid = grid;
  }

  /** What passed for it, turns of other jobs aside. */
  get selfMs(): number {
    return this.workMs + this.serverWaitMs;
  }

  noteColumn(labels: () => Labels, { present, values, histograms }: SeriesColumn): void {
    let count = 0;
    for (let step = 0; step < present.length; step++) {
      if (present[step] === ABSENT) continue;
      count++;
      if (present[step] !== FLOAT) continue;
      if (values[step]! < this.least) this.least = values[step]!;
      if (values[step]! > this.greatest) this.greatest = values[step]!;
    }
    if (histograms !== undefined) this.hasHistograms = true;
    this.noteSamples(labels, count);
  }

  noteSamples(labels: () => Labels, count: number): void {
    if (count === 0) return;
    this.series++;
    this.samples += count;
    if (this.labels.length < MOST_KEPT) this.labels.push(labels());
  }
}

/**
 * Measures the parts of a query's plan. The operators of a query run one at a time, so that all time belongs to the part
 * that was entered last and has not been left: as work, as a wait for other servers, or as a time in which the thread had
 * other jobs. A query without a profile has none of the wrapped operators.
 */
export class QueryProfile {
  root: PartProfile | undefined;
  readonly #clock: Pick<EngineClock, "monotonic">;
  readonly #planned: PartProfile[] = [];
  readonly #entered: PartProfile[] = [];
  /** What the part on top waits for. */
  #wait: WaitReason | undefined;
  #budget: Pick<SampleBudget, "read"> = { read: 0 };
  #selections: Pick<Selections, "bytesRead"> = { bytesRead: 0 };
  #markedMs = 0;
  #markedRead = 0;
  #markedBytes = 0;

  constructor(clock: Pick<EngineClock, "monotonic">) {
    this.#clock = clock;
  }

  /** Waits of the part that is at work, one at a time. */
  readonly waits: WaitRecorder = {
    begin: (reason) => {
      this.#settle();
      this.#wait = reason;
      return () => {
        this.#settle();
        this.#wait = undefined;
      };
    },
  };

  /** Begins with an evaluation, anew where it is repeated. */
  begin(budget: Pick<SampleBudget, "read">, selections: Pick<Selections, "bytesRead">): void {
    this.root = undefined;
    this.#planned.length = 0;
    this.#entered.length = 0;
    this.#wait = undefined;
    this.#budget = budget;
    this.#selections = selections;
    this.#markedMs = this.#clock.monotonic();
    this.#markedRead = budget.read;
    this.#markedBytes = selections.bytesRead;
  }

  /** The part that is being planned is evaluated at one step only. */
  noteOnce(): void {
    const part = this.#planned.at(-1);
    if (part !== undefined) part.isOnce = true;
  }

  /** The part that is being planned shares what equal ones find. `input` finds it where no equal did so before. */
  shared(input: VectorOperator): VectorOperator {
    const part = this.#planned.at(-1)!;
    part.isShared = true;
    return {
      ...input,
      prepare(signal) {
        part.isEvaluated = true;
        return input.prepare(signal);
      },
    };
  }

  /** Notes what the part that is being planned claims. */
  claimed(request: SelectionRequest, selection: Selection): Selection {
    const noted: ProfiledSelection = { request, series: undefined };
    this.#planned.at(-1)?.selections.push(noted);
    return {
      async series(signal) {
        const set = await selection.series(signal);
        noted.series = countOf(set);
        return set;
      },
    };
  }

  /** Tells what passes in the turns of other jobs from the work of a part. */
  pausing(yieldToEventLoop: () => Promise<void> | undefined): () => Promise<void> | undefined {
    return () => {
      const pause = yieldToEventLoop();
      return pause === undefined ? undefined : recordedWait(this.waits, "turn", pause);
    };
  }

  vector(expr: Expr, grid: Grid, plan: () => VectorOperator): VectorOperator {
    const part = this.#begin(expr, grid);
    const input = this.#plan(plan);
    let list: OutputList = [];
    let index = 0;
    return {
      prepare: async (signal) => (list = await this.#during(part, () => input.prepare(signal))),
      next: (out) => {
        this.#enter(part);
        const more = input.next(out);
        this.#leave();
        if (!more) return false;
        const at = index++;
        part.noteColumn(() => list[at]!.labels, out);
        return true;
      },
      close: () => input.close(),
    };
  }

  scalar(expr: Expr, grid: Grid, plan: () => ScalarOperator): ScalarOperator {
    const part = this.#begin(expr, grid);
    const input = this.#plan(plan);
    return {
      evaluate: (signal) => this.#during(part, () => input.evaluate(signal)),
      close: () => input.close(),
    };
  }

  range(expr: Expr, grid: Grid, plan: () => RangeSource): RangeSource {
    const part = this.#begin(expr, grid);
    const input = this.#plan(plan);
    let list: OutputList = [];
    let index = 0;
    return {
      frame: input.frame,
      derived: input.derived,
      prepare: async (signal) => (list = await this.#during(part, () => input.prepare(signal))),
      next: (out) => {
        this.#enter(part);
        const more = input.next(out);
        this.#leave();
        if (!more) return false;
        const at = index++;
        part.noteSamples(() => list[at]!.labels, out.count);
        return true;
      },
      nextSpans: (out) => {
        this.#enter(part);
        const more = input.nextSpans?.(out) === true;
        this.#leave();
        if (!more) return false;
        const at = index++;
        part.noteSamples(() => list[at]!.labels, out.samples);
        return true;
      },
      get downsampled() {
        return input.downsampled;
      },
      nextAggregates: (out) => {
        this.#enter(part);
        const more = input.nextAggregates?.(out) === true;
        this.#leave();
        if (!more) return false;
        const at = index++;
        part.noteSamples(() => list[at]!.labels, out.rows);
        return true;
      },
      close: () => input.close(),
    };
  }

  #begin(expr: Expr, grid: Grid): PartProfile {
    const part = new PartProfile(expr, grid);
    // What is planned late belongs to the part that is at work.
    const around = this.#planned.at(-1) ?? this.#entered.at(-1);
    if (around === undefined) this.root = part;
    else around.inputs.push(part);
    this.#planned.push(part);
    return part;
  }

  #plan<T>(plan: () => T): T {
    try {
      return plan();
    } finally {
      this.#planned.pop();
    }
  }

  async #during<T>(part: PartProfile, work: () => Promise<T>): Promise<T> {
    this.#enter(part);
    part.isEvaluated = part.isEvaluated || !part.isShared;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(part: PartProfile): void {
    this.#settle();
    this.#entered.push(part);
  }

  #leave(): void {
    this.#settle();
    this.#entered.pop();
  }

  /** What has passed since the last change belongs to the part on top. */
  #settle(): void {
    const now = this.#clock.monotonic();
    const part = this.#entered.at(-1);
    const { bytesRead } = this.#selections;
    if (part !== undefined) {
      const passed = now - this.#markedMs;
      if (this.#wait === undefined) part.workMs += passed;
      else if (this.#wait === "turn") part.otherJobsMs += passed;
      else part.serverWaitMs += passed;
      part.samplesRead += this.#budget.read - this.#markedRead;
      part.bytesRead += bytesRead - this.#markedBytes;
    }
    this.#markedMs = now;
    this.#markedRead = this.#budget.read;
    this.#markedBytes = bytesRead;
  }
}
