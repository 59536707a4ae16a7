import { type Profiler, Session } from "node:inspector";

/** Makes the data for work of a given size. Returns a function that does the work. */
export type Task = (size: number) => () => void;

/**
 * Counts the steps of work: executed blocks of code, plus the elements that the functions in `COSTS` visit. The counts
 * are the same on every machine, unlike times. Loops and branches are counted only in functions that are compiled after
 * start(), so this class is used in a thread of its own, before the code to count is imported. Not counted: steps within
 * a regular expression, joined strings, maps with long keys, and conversions of numbers.
 */
export class StepCounter {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  static start(): StepCounter {
    const session = new Session();
    session.connect();
    // The session answers before post() returns. It swallows errors of its callbacks, so they are thrown later.
    let failure: Error | null = null;
    const note = (error: Error | null): void => void (failure ??= error);
    session.post("Profiler.enable", note);
    session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true }, note);
    if (failure !== null) throw failure as Error;
    return new StepCounter(session);
  }

  /**
   * Returns how work grows with its input: the steps for one input of `size · factor` divided by the steps for `factor`
   * inputs of `size`. The result is about 1 for linear work and about `factor` for quadratic work.
   */
  growth(task: Task, size: number, factor: number): number {
    const small = task(size);
    const large = task(size * factor);
    // Runs the task once without counting, so that its caches are filled.
    small();
    return this.#stepsOf(large) / (this.#stepsOf(small) * factor);
  }

  #stepsOf(work: () => void): number {
    // Discards the blocks that were executed before the work, because a report covers everything since the last report.
    executedBlocks(this.#session);
    const builtIns = countBuiltIns();
    try {
      work();
    } finally {
      builtIns[Symbol.dispose]();
    }
    return executedBlocks(this.#session) + builtIns.visited();
  }
}

function executedBlocks(session: Session): number {
  let taken: Profiler.TakePreciseCoverageReturnType | undefined;
  session.post("Profiler.takePreciseCoverage", (_, report) => (taken = report));
  if (taken === undefined) throw new Error("the profiler has no counts of executed blocks");
  let blocks = 0;
  for (const script of taken.result) if (isCounted(script)) blocks += blocksOf(script);
  return blocks;
}

/** Omits the code of Node and of this module. */
const isCounted = ({ url }: Profiler.ScriptCoverage): boolean => !url.startsWith("node:") && url !== import.meta.url;

const blocksOf = ({ functions }: Profiler.ScriptCoverage): number =>
  functions.reduce((sum, { ranges }) => sum + ranges.reduce((blocks, { count }) => blocks + count, 0), 0);

/**
 * Returns the maximum number of elements that a call has visited.
 * @param from `lastIndex` of a regular expression before the call
 */
type Cost = (subject: unknown, args: readonly unknown[], result: unknown, from: number) => number;

const lengthOf = (value: unknown): number => (value as { length?: number } | undefined)?.length ?? 0;
const ofSubject: Cost = lengthOf;
const ofArgument: Cost = (_, [first]) => lengthOf(first);
const ofResult: Cost = (_, __, result) => lengthOf(result);
/** A search visits the elements from its start to the place that it finds, or to the end. */
const ofSearch: Cost = (subject, [, from], result) => {
  const end = (result as number) >= 0 ? (result as number) : lengthOf(subject);
  return Math.max(0, end - (typeof from === "number" ? from : 0));
};
/** A match visits the text from its start to the end of what it finds, or to the end. */
const ofMatch: Cost = (subject, [text], result, before) => {
  const { global, sticky, lastIndex } = subject as RegExp;
  const isContinued = global || sticky;
  return (isContinued && result !== null ? lastIndex : lengthOf(text)) - (isContinued ? before : 0);
};

const costs = (cost: Cost, ...names: readonly string[]): Readonly<Record<string, Cost>> =>
  Object.fromEntries(names.map((name) => [name, cost]));

const SEARCHES = { indexOf: ofSearch, ...costs(ofSubject, "includes", "lastIndexOf") };

/** Built-in functions whose work depends on the length of their data, by the prototype that owns them. */
const COSTS: readonly (readonly [owner: object, costs: Readonly<Record<string, Cost>>])[] = [
  [
    Object.getPrototypeOf(Uint8Array.prototype) as object,
    { ...SEARCHES, slice: ofResult, set: ofArgument, ...costs(ofSubject, "fill", "copyWithin") },
  ],
  [Buffer.prototype, { ...SEARCHES, ...costs(ofResult, "toString", "latin1Slice", "utf8Slice") }],
  [TextDecoder.prototype, { decode: ofResult }],
  [TextEncoder.prototype, { encode: ofResult }],
  [
    String.prototype,
    {
      ...SEARCHES,
      ...costs(ofResult, "slice", "substring"),
      ...costs(ofSubject, "split", "replace", "replaceAll", "match", "trim"),
      ...costs(ofArgument, "startsWith", "endsWith"),
    },
  ],
  [RegExp.prototype, { exec: ofMatch }],
  [
    Array.prototype,
    {
      ...SEARCHES,
      ...costs(ofResult, "slice", "concat", "join", "flat"),
      ...costs(ofSubject, "shift", "unshift", "splice", "sort", "toSorted", "reverse", "toReversed"),
    },
  ],
];

/** Makes the built-in functions count the elements that they visit, until the returned value is disposed. */
function countBuiltIns(): Disposable & { readonly visited: () => number } {
  let visited = 0;
  const restore: (() => void)[] = [];
  for (const [owner, functions] of COSTS)
    for (const [name, cost] of Object.entries(functions)) {
      const property = Object.getOwnPropertyDescriptor(owner, name)!;
      const original = property.value as (...args: unknown[]) => unknown;
      const counted = function (this: unknown, ...args: unknown[]): unknown {
        const from = this instanceof RegExp ? this.lastIndex : 0;
        const result = original.apply(this, args);
        visited += cost(this, args, result, from);
        return result;
      };
      Object.defineProperty(owner, name, { ...property, value: counted });
      restore.push(() => Object.defineProperty(owner, name, property));
    }
  return { visited: () => visited, [Symbol.dispose]: () => restore.forEach((each) => each()) };
}
