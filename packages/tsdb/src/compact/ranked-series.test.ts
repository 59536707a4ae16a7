import { compareLabels, Labels } from "@narthex/model";
import { runToEnd } from "@narthex/runtime";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { Head } from "../head/head.ts";
import { type HeadSource, rankSeries } from "./ranked-series.ts";

/** Wraps a head so that each read runs twice, as if a commit had interrupted the first run. */
const readTwice = (memory: Head["memory"]): HeadSource => ({
  memory,
  readOptimistically(body) {
    body();
    return body();
  },
});

/** Returns the labels of a head's series in the order of rankSeries(). */
function ranked(sets: readonly Labels[]): string[] {
  const head = new Head(0);
  const { memory } = head;
  const everywhere = { minTime: -Infinity, maxTime: Infinity };
  for (const labels of sets) {
    const row = memory.series.add(labels);
    memory.series.rows.beginOpenChunk(row, { block: 1, size: 8, encoding: ENCODING_XOR }, 0, 1);
  }
  const { rows, symbols, pairs } = runToEnd(rankSeries(readTwice(memory), everywhere));
  const text = (symbol: number): string => Buffer.from(symbols.key(symbol)).toString();
  return Array.from(rows, (row) => {
    const labels = Array.from({ length: memory.series.at.labelCount[row]! }, (_, i) => {
      const pair = memory.series.pairAt(row, i);
      return [text(pairs[pair * 2]!), text(pairs[pair * 2 + 1]!)] as const;
    });
    return String(Labels.of(labels));
  });
}

test("rankSeries() sorts series in the order in which compareLabels() sorts their label sets", () => {
  const word = fc.oneof(fc.constantFrom("a", "ab", "b", "é", "\u{1f600}", "\uffff"), fc.string({ minLength: 1 }));
  const labelSet = fc.uniqueArray(fc.tuple(fc.constantFrom("__name__", "a", "b", "zone"), word), {
    selector: ([name]) => name,
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.array(labelSet, { minLength: 1, maxLength: 120 }), (lists) => {
      const all = lists.map((pairs) => Labels.of(pairs)).map((labels) => [labels.key, labels] as const);
      const sets = [...new Map(all).values()];
      expect(ranked(sets)).toEqual(sets.toSorted(compareLabels).map(String));
    }),
  );
});

test("rankSeries() sorts more series than one read takes, even if their first labels are equal", () => {
  const sets = Array.from({ length: 7000 }, (_, i) => {
    // Every third series has fewer labels, so that one label set is a prefix of another.
    const last: Record<string, string> = i % 3 === 0 ? {} : { zone: String(i % 7) };
    return Labels.of({ __name__: "m", job: "j", pod: `p${(i * 7919) % 2400}`, shard: String(i % 5), ...last });
  });
  const distinct = [...new Map(sets.map((labels) => [labels.key, labels])).values()];
  expect(distinct.length).toBeGreaterThan(4096);
  expect(ranked(distinct)).toEqual(distinct.toSorted(compareLabels).map(String));
});
