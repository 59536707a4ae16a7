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

/**
 * Maximum number of series of a part whose labels are recorded. The labels are needed to explain why a join has no
 * result.
 */
const MAX_KEPT = 1000;

/** The series that a part of the query reads from storage. */
export interface ProfiledSelection {
  readonly request: SelectionRequest;
  /** Number of selected series; undefined before the selection. */
  series: number | undefined;
}

/** One part of a query's plan, with the cost and the result of its evaluation. */
export class PartProfile {
  readonly expr: Expr;
  readonly grid: Grid;
  readonly inputs: PartProfile[] = [];
  readonly selections: ProfiledSelection[] = [];
  /** Whether the part is evaluated only once, because its value is the same at all evaluation times. */
  isOnce = false;
  /** Whether the part shares its result with equal parts of the query. */
  isShared = false;
  /**
   * Whether this part itself was evaluated. A part that was not evaluated may have used the result of an equal part.
   */
  isEvaluated = false;
  /** Computing time of the part in ms. */
  workMs = 0;
  /** Time in ms that other work of the thread took during the evaluation. */
  otherJobsMs = 0;
  /** Time for which the part waited for other servers, ms. */
  serverWaitMs = 0;
  /** Number of samples that the part reads from storage. Each sample counts once. */
  samplesRead = 0;
  /** Number of bytes of encoded samples that were decoded for the part. */
  bytesRead = 0;
  /** Number of series of the result that have at least one sample. */
  series = 0;
  /** Number of samples in the result. For a range selector, a sample in several windows counts once. */
  samples = 0;
  least = Infinity;
  greatest = -Infinity;
  hasHistograms = false;
  /** Labels of the first MAX_KEPT series that have samples. */
  readonly labels: Labels[] = [];

  constructor(expr: Expr, grid: Grid) {
    this.expr = expr;
    this.grid = grid;
  }

  /** Time in ms for the part, without its inputs and without other work of the thread. */
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
    if (this.labels.length < MAX_KEPT) this.labels.push(labels());
  }
}

/**
 * Measures the parts of a query's plan. Only one operator of a query runs at a time, so elapsed time belongs to the
 * innermost part that is being evaluated. Time counts as computing, as waiting for other servers, or as other work of
 * the thread. Without a profile, operators are not wrapped.
 */
export class QueryProfile {
  root: PartProfile | undefined;
  readonly #clock: Pick<EngineClock, "monotonic">;
  readonly #planned: PartProfile[] = [];
  readonly #entered: PartProfile[] = [];
  /** Reason why the current part waits, or undefined if it does not wait. */
  #wait: WaitReason | undefined;
  #budget: Pick<SampleBudget, "read"> = { read: 0 };
  #selections: Pick<Selections, "bytesRead"> = { bytesRead: 0 };
  #markedMs = 0;
  #markedRead = 0;
  #markedBytes = 0;

  constructor(clock: Pick<EngineClock, "monotonic">) {
    this.#clock = clock;
  }

  /** Records the waits of the current part, one at a time. */
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

  /** Begins the measurement of a query. A second run of the query discards all values of the first run. */
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

  /** Records that the part being planned is evaluated only once, because its value never changes. */
  noteOnce(): void {
    const part = this.#planned.at(-1);
    if (part !== undefined) part.isOnce = true;
  }

  /**
   * Records that the part being planned has the same result as an equal part. `input` computes this result if no equal
   * part has computed it.
   */
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

  /** Records which series the part being planned will read. */
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

  /**
   * Wraps the function that lets other work run, so that the time of other work does not count for the current part.
   */
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
    // A part that is planned during the evaluation becomes an input of the part that is being evaluated.
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

  /** Measures the time since the last call of #settle(), and adds it to the current part. */
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
