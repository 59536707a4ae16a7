import type { Matcher } from "@narthex/model";
import { runToEnd, type Steps } from "@narthex/runtime";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { PostingsList } from "../memory/postings.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/**
 * Number of label pairs that are visited in one step, between two yields to other work. ROWS_PER_STEP is the number of
 * rows.
 */
const PAIRS_PER_STEP = 1024;
const ROWS_PER_STEP = 8192;

type RowTest = (row: SeriesRow) => boolean;

/**
 * The label pairs that a matcher accepts, with their postings lists. Exists only for matchers that do not accept series
 * without the label.
 */
interface Narrowing {
  readonly pairs: readonly number[];
  readonly lists: readonly PostingsList[];
  readonly seriesCount: number;
}

/**
 * Finds the unsorted rows of all series that the matchers accept. The candidates are the series in the lists of the
 * matcher with the shortest lists; their label pairs are checked against the other matchers. The head must be pinned
 * between the steps. If another thread adds series at the same time, the result has all series that existed at the
 * start, and perhaps some of the added series.
 */
export function* matchingRows(memory: HeadMemory, matchers: readonly Matcher[]): Steps<Uint32Array> {
  const tests: RowTest[] = [];
  const narrowings: Narrowing[] = [];
  const patterns: Matcher[] = [];
  for (const matcher of matchers) {
    if (matcher.matchesEmpty) tests.push(lazyTest(memory, matcher));
    else {
      const exact = exactPairs(memory, matcher);
      if (exact === undefined) patterns.push(matcher);
      else narrowings.push(exact);
    }
  }
  for (const matcher of patterns) {
    const shortest = narrowings.map(({ seriesCount }) => seriesCount).reduce((a, b) => Math.min(a, b), Infinity);
    const symbol = memory.symbols.find(matcher.name);
    const values = memory.postings.nameOf(symbol)?.pairCount ?? 0;
    if (shortest <= values) tests.push(lazyTest(memory, matcher));
    else narrowings.push(yield* scanPairs(memory, matcher));
  }
  narrowings.sort((a, b) => a.seriesCount - b.seriesCount);
  const [driver, ...others] = narrowings;
  for (const other of others) tests.push(pairTest(memory, other));
  const rows = driver === undefined ? allRows(memory) : listRows(memory, driver);
  // Refreshes the views, because the writer may have added memory that contains the labels of new series.
  memory.refreshViews();
  return yield* filterRows(rows, tests);
}

/** Finds the rows of all series that the matchers accept, without yielding. */
export const rowsForMatchers = (memory: HeadMemory, matchers: readonly Matcher[]): Uint32Array =>
  runToEnd(matchingRows(memory, matchers));

/** Returns a function that reports whether the series of a row satisfies all matchers. */
export function rowTest(memory: HeadMemory, matchers: readonly Matcher[]): RowTest {
  const tests = matchers.map((matcher) => lazyTest(memory, matcher));
  return (row) => tests.every((test) => test(row));
}

/**
 * Returns an upper limit of the number of rows that all matchers accept: the length of the shortest postings list that
 * is known without reading values.
 */
export function maxRows(memory: HeadMemory, matchers: readonly Matcher[]): number {
  const lists = matchers.map((matcher) => (matcher.matchesEmpty ? undefined : exactPairs(memory, matcher)));
  return lists.map((list) => list?.seriesCount ?? Infinity).reduce((a, b) => Math.min(a, b), memory.series.count);
}

/**
 * Returns the label pairs that an `=` matcher, or an `=~` matcher with plain alternatives, accepts. Undefined for other
 * matchers.
 */
function exactPairs(memory: HeadMemory, matcher: Matcher): Narrowing | undefined {
  const values = matcher.type === "=" ? [matcher.value] : matcher.type === "=~" ? matcher.pattern!.literals : undefined;
  if (values === undefined) return undefined;
  const name = memory.symbols.find(matcher.name);
  const pairs = [...new Set(values)].map((value) => {
    const symbol = memory.symbols.find(value);
    return name === 0 || symbol === 0 ? 0 : memory.postings.find(name, symbol);
  });
  return narrowingOf(
    memory,
    pairs.filter((pair) => pair !== 0),
  );
}

function* scanPairs(memory: HeadMemory, matcher: Matcher): Steps<Narrowing> {
  const name = memory.postings.nameOf(memory.symbols.find(matcher.name));
  const pairs: number[] = [];
  if (name !== undefined) {
    let seen = 0;
    for (const pair of memory.postings.pairsOf(name)) {
      if (matcher.matches(memory.symbols.text(memory.postings.value[pair]!))) pairs.push(pair);
      if (++seen % PAIRS_PER_STEP === 0) yield;
    }
  }
  return narrowingOf(memory, pairs);
}

function narrowingOf({ postings }: HeadMemory, pairs: readonly number[]): Narrowing {
  const lists = pairs.map((pair) => postings.list(pair));
  return { pairs, lists, seriesCount: lists.reduce((sum, { count }) => sum + count, 0) };
}

/**
 * Returns a function that tests a candidate by the value of the matcher's label. Each distinct value is matched only
 * once.
 */
function lazyTest({ postings, series, symbols }: HeadMemory, matcher: Matcher): RowTest {
  const verdicts = new Map<number, boolean>();
  const whenAbsent = matcher.matchesEmpty;
  const name = symbols.find(matcher.name);
  return (row) => {
    const pair = name === 0 ? 0 : series.pairOfName(row, name);
    if (pair === 0) return whenAbsent;
    let verdict = verdicts.get(pair);
    if (verdict === undefined) {
      verdict = matcher.matches(symbols.text(postings.value[pair]!));
      verdicts.set(pair, verdict);
    }
    return verdict;
  };
}

function pairTest({ postings, series }: HeadMemory, { pairs }: Narrowing): RowTest {
  if (pairs.length === 0) return () => false;
  if (pairs.length === 1) return (row) => series.hasPair(row, pairs[0]!);
  const set = new Set(pairs);
  const name = postings.name[pairs[0]!]!;
  return (row) => set.has(series.pairOfName(row, name));
}

function listRows({ postings }: HeadMemory, { lists, seriesCount }: Narrowing): Uint32Array {
  const rows = new Uint32Array(seriesCount);
  let end = 0;
  for (const list of lists) end = postings.copyList(list, rows, end);
  return rows;
}

function allRows(memory: HeadMemory): Uint32Array {
  const { series } = memory;
  const last = series.end;
  memory.refreshViews();
  const rows = new Uint32Array(last);
  let end = 0;
  for (let row = 1; row < last; row++) if (series.at.ref[row] !== 0) rows[end++] = row;
  return rows.subarray(0, end);
}

function* filterRows(rows: Uint32Array, tests: readonly RowTest[]): Steps<Uint32Array> {
  for (const test of tests) {
    let kept = 0;
    for (let from = 0; from < rows.length; from += ROWS_PER_STEP) {
      if (from > 0) yield;
      for (const row of rows.subarray(from, from + ROWS_PER_STEP)) if (test(row)) rows[kept++] = row;
    }
    rows = rows.subarray(0, kept);
  }
  return rows;
}
