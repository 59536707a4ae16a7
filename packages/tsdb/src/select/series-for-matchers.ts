import type { Matcher } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { Block } from "../block/block.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import { intersect, subtract, union } from "./postings-sets.ts";
import { SymbolTexts } from "./symbol-texts.ts";

/** Number of series whose index entries are read in one step, between two yields to other work. */
const SERIES_PER_STEP = 1024;

type EntryTest = (entry: SeriesEntry) => boolean;

/**
 * Candidates for a selection: the series of a block that may satisfy all matchers. `accepts` decides whether a
 * candidate satisfies them.
 */
export interface Candidates {
  /** References of the series, ascending. */
  readonly refs: Uint32Array;
  readonly accepts: (entry: SeriesEntry) => boolean;
  /** Whether `accepts` accepts all candidates. */
  readonly areExact: boolean;
}

/**
 * Finds candidates for a selection. Reads the postings lists of exact values first. If a matcher has more values than
 * there are candidates left, tests the label values of the candidates instead of reading further lists.
 */
export function candidatesFor(block: Block, matchers: readonly Matcher[], texts: SymbolTexts): Candidates {
  const tests: EntryTest[] = [];
  const lists: Uint32Array[] = [];
  const later: Matcher[] = [];
  for (const matcher of matchers) {
    const values = exactValues(matcher);
    if (values === undefined || matcher.matchesEmpty) later.push(matcher);
    else lists.push(union(values.map((value) => block.postings(matcher.name, value))));
  }
  lists.sort((a, b) => a.length - b.length);
  let refs = lists.length === 0 ? undefined : lists.reduce(intersect);
  // Puts matchers that do not accept series without their label first.
  later.sort((a, b) => Number(a.matchesEmpty) - Number(b.matchesEmpty));
  for (const matcher of later) {
    if (refs?.length === 0) break;
    if (refs !== undefined && refs.length <= costOf(block, matcher)) tests.push(entryTest(matcher, texts));
    else if (matcher.matchesEmpty) refs = subtract(refs ?? block.allPostings(), refused(block, matcher));
    else {
      const prefix = matcher.type === "=~" ? matcher.pattern!.prefix : "";
      const accepted = listsWhere(block, matcher.name, (value) => matcher.matches(value), prefix);
      refs = refs === undefined ? accepted : intersect(refs, accepted);
    }
  }
  return {
    refs: refs ?? block.allPostings(),
    accepts: (entry) => tests.every((test) => test(entry)),
    areExact: tests.length === 0,
  };
}

/** Returns whether candidatesFor() finds the series that satisfy all matchers without reading series. */
export const haveExactValues = (matchers: readonly Matcher[]): boolean =>
  matchers.every((matcher) => !matcher.matchesEmpty && exactValues(matcher) !== undefined);

/**
 * Returns an upper limit of the number of series that candidatesFor() finds: the length of the shortest list that is
 * known without reading values. Infinity if all matchers need the values of their label.
 */
export function maxCandidates(block: Block, matchers: readonly Matcher[]): number {
  const counts = matchers.map((matcher) => {
    const values = matcher.matchesEmpty ? undefined : exactValues(matcher);
    return values?.reduce((sum, value) => sum + block.postingsCount(matcher.name, value), 0) ?? Infinity;
  });
  return counts.reduce((a, b) => Math.min(a, b), Infinity);
}

/**
 * Returns the number of entries that must be read to apply a matcher without testing candidates: the series with the
 * refused value, or the values of the label.
 */
const costOf = (block: Block, { type, name, value }: Matcher): number =>
  type === "!=" && value !== "" ? block.postingsCount(name, value) : block.labelValueCount(name);

/** Finds the references of a block's series that satisfy all matchers, in ascending order. */
export function* seriesForMatchers(block: Block, matchers: readonly Matcher[]): Steps<Uint32Array> {
  const { refs, accepts } = candidatesFor(block, matchers, new SymbolTexts(block));
  const entry = new SeriesEntry();
  const found = refs.slice();
  let count = 0;
  for (const [i, ref] of refs.entries()) {
    if (i % SERIES_PER_STEP === SERIES_PER_STEP - 1) yield;
    block.seriesLabels(ref, entry);
    if (accepts(entry)) found[count++] = ref;
  }
  return found.subarray(0, count);
}

/**
 * Returns the values that an `=` matcher, or an `=~` matcher with plain alternatives, accepts. Undefined for other
 * matchers.
 */
function exactValues(matcher: Matcher): readonly string[] | undefined {
  if (matcher.type === "=") return [matcher.value];
  return matcher.type === "=~" && matcher.pattern!.literals !== undefined
    ? [...new Set(matcher.pattern!.literals)]
    : undefined;
}

/**
 * Returns the references of the series that a matcher refuses. The matcher must be one that accepts series without its
 * label.
 */
function refused(block: Block, matcher: Matcher): Uint32Array {
  const values =
    matcher.type === "!=" ? [matcher.value] : matcher.type === "!~" ? matcher.pattern!.literals : undefined;
  if (values !== undefined) {
    return union(values.filter((value) => value !== "").map((value) => block.postings(matcher.name, value)));
  }
  return listsWhere(block, matcher.name, (value) => !matcher.matches(value));
}

function listsWhere(block: Block, name: string, keep: (value: string) => boolean, prefix = ""): Uint32Array {
  const lists: Uint32Array[] = [];
  block.forEachPostings(name, keep, (list) => lists.push(list), prefix);
  return union(lists);
}

/**
 * Returns a function that tests a series by the value of the matcher's label. Each distinct value is matched only once.
 */
function entryTest(matcher: Matcher, texts: SymbolTexts): EntryTest {
  const verdicts = new Map<number, boolean>();
  const whenAbsent = matcher.matchesEmpty;
  return (entry) => {
    const value = texts.valueOf(entry, matcher.name);
    if (value < 0) return whenAbsent;
    let verdict = verdicts.get(value);
    if (verdict === undefined) {
      verdict = matcher.matches(texts.text(value));
      verdicts.set(value, verdict);
    }
    return verdict;
  };
}
