import type { Matcher } from "@narthex/model";
import type { HeadMemory } from "./head-memory.ts";
import type { SeriesRow } from "./series-table.ts";

type RowTest = (row: SeriesRow) => boolean;

/** Pairs that satisfy a matcher which wants its label present. */
interface Narrowing {
  readonly pairs: readonly number[];
  readonly seriesCount: number;
}

/**
 * Rows of the series that satisfy all matchers, in no particular order. The matcher with the shortest lists is read from
 * the index; each of its candidates is then checked against the others by its own pair ids.
 */
export function rowsForMatchers(memory: HeadMemory, matchers: readonly Matcher[]): Uint32Array {
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
    const shortest = Math.min(...narrowings.map(({ seriesCount }) => seriesCount));
    const symbol = memory.symbols.find(matcher.name);
    const values = memory.index.nameOf(symbol)?.pairCount ?? 0;
    if (shortest <= values) tests.push(lazyTest(memory, matcher));
    else narrowings.push(scanPairs(memory, matcher));
  }
  narrowings.sort((a, b) => a.seriesCount - b.seriesCount);
  const [driver, ...others] = narrowings;
  for (const other of others) tests.push(pairTest(memory, other));
  return filterRows(driver === undefined ? allRows(memory) : listRows(memory, driver), tests);
}

/** The pairs of `=` and of plain alternatives; undefined for other matchers. */
function exactPairs(memory: HeadMemory, matcher: Matcher): Narrowing | undefined {
  const values = matcher.type === "=" ? [matcher.value] : matcher.type === "=~" ? matcher.pattern!.literals : undefined;
  if (values === undefined) return undefined;
  const name = memory.symbols.find(matcher.name);
  const pairs = [...new Set(values)].map((value) => {
    const symbol = memory.symbols.find(value);
    return name === 0 || symbol === 0 ? 0 : memory.index.find(name, symbol);
  });
  return narrowingOf(
    memory,
    pairs.filter((pair) => pair !== 0),
  );
}

function scanPairs(memory: HeadMemory, matcher: Matcher): Narrowing {
  const name = memory.index.nameOf(memory.symbols.find(matcher.name));
  const pairs: number[] = [];
  if (name !== undefined) {
    memory.index.forEachPair(name, (pair) => {
      if (matcher.matches(memory.symbols.text(memory.index.value[pair]!))) pairs.push(pair);
    });
  }
  return narrowingOf(memory, pairs);
}

const narrowingOf = ({ index }: HeadMemory, pairs: readonly number[]): Narrowing => ({
  pairs,
  seriesCount: pairs.reduce((sum, pair) => sum + index.count[pair]!, 0),
});

/** Tests a candidate by its value, each distinct value once. */
function lazyTest({ index, series, symbols }: HeadMemory, matcher: Matcher): RowTest {
  const verdicts = new Map<number, boolean>();
  const whenAbsent = matcher.matchesEmpty;
  const name = symbols.find(matcher.name);
  return (row) => {
    const pair = name === 0 ? 0 : series.pairOfName(row, name);
    if (pair === 0) return whenAbsent;
    let verdict = verdicts.get(pair);
    if (verdict === undefined) {
      verdict = matcher.matches(symbols.text(index.value[pair]!));
      verdicts.set(pair, verdict);
    }
    return verdict;
  };
}

function pairTest({ index, series }: HeadMemory, { pairs }: Narrowing): RowTest {
  if (pairs.length === 0) return () => false;
  if (pairs.length === 1) return (row) => series.hasPair(row, pairs[0]!);
  const set = new Set(pairs);
  const name = index.name[pairs[0]!]!;
  return (row) => set.has(series.pairOfName(row, name));
}

function listRows({ index }: HeadMemory, { pairs, seriesCount }: Narrowing): Uint32Array {
  const rows = new Uint32Array(seriesCount);
  let end = 0;
  for (const pair of pairs) end = index.copyList(pair, rows, end);
  return rows;
}

function allRows({ series }: HeadMemory): Uint32Array {
  const rows = new Uint32Array(series.end);
  let end = 0;
  for (let row = 1; row < series.end; row++) if (series.at.ref[row] !== 0) rows[end++] = row;
  return rows.subarray(0, end);
}

function filterRows(rows: Uint32Array, tests: readonly RowTest[]): Uint32Array {
  for (const test of tests) {
    let kept = 0;
    for (const row of rows) if (test(row)) rows[kept++] = row;
    rows = rows.subarray(0, kept);
  }
  return rows;
}
