import { compareLabels, Labels, Matcher } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { appendRows } from "../../testing/sample-rows.ts";
import { Head } from "../head.ts";
import { truncateHead } from "../truncate.ts";
import { attachHead, shareHead } from "./attached-head.ts";
import { rowsForMatchers } from "./rows-for-matchers.ts";

const JOB_A = [new Matcher("=", "job", "a")];
const RANGE = { start: -Infinity, end: Infinity };

const series = (job: string, from: number, to: number): Labels[] =>
  Array.from({ length: to - from }, (_, i) => Labels.of({ __name__: "m", job, i: `${from + i}` }));

/** Creates a head that caches all selections. */
function headOf(): Head {
  const head = new Head(0);
  head.selections.few = 0;
  return head;
}

/** Commits one sample of each series. The time is in seconds. */
const append = (head: Head, second: number, labelSets: readonly Labels[]): Promise<void> =>
  appendRows(
    head,
    labelSets.map((labels) => [labels, second * 1000, second]),
  );

async function select(head: Pick<Head, "querier">, matchers: readonly Matcher[]): Promise<number> {
  const querier = head.querier(-Infinity, Infinity);
  const { labels } = await querier.select(matchers, RANGE);
  querier.close();
  return labels.length;
}

test("a selection stays cached when series that it does not match are added or removed, even in a reading thread", async () => {
  const head = headOf();
  const share = shareHead(head);
  const attached = attachHead(share.handles);
  attached.selections.few = 0;
  await append(head, 1, series("a", 0, 20));
  for (const reader of [head, attached]) expect(await select(reader, JOB_A)).toBe(20);
  await append(head, 2, series("b", 0, 3000));
  for (const { selections } of [head, attached]) expect(selections.kept(JOB_A)?.rows.length).toBe(20);
  share.release();
});

test("a selection is dropped from the cache when a matching series is added, or one of its series is removed", async () => {
  const head = headOf();
  await append(head, 1, series("a", 0, 20));
  expect(await select(head, JOB_A)).toBe(20);
  await append(head, 2, series("a", 20, 21));
  expect(head.selections.kept(JOB_A)).toBeUndefined();
  expect(await select(head, JOB_A)).toBe(21);
  await append(head, 3, series("b", 0, 1));
  await truncateHead(head, 2000);
  expect(head.selections.kept(JOB_A)).toBeUndefined();
  expect(await select(head, JOB_A)).toBe(1);
});

test("a selection is dropped from the cache after more changes than the table of series remembers, if a series was removed", async () => {
  const head = headOf();
  await append(head, 1, [...series("a", 0, 20), ...series("c", 0, 1)]);
  expect(await select(head, JOB_A)).toBe(20);
  await append(head, 2, [...series("a", 0, 20), ...series("b", 0, 5000)]);
  expect(head.selections.kept(JOB_A)?.rows.length).toBe(20);
  await truncateHead(head, 2000);
  await append(head, 3, [...series("a", 0, 20), ...series("d", 0, 5000)]);
  expect(head.selections.kept(JOB_A)).toBeUndefined();
  expect(await select(head, JOB_A)).toBe(20);
});

test("a cached selection has the same rows as a new one after any additions and removals, even if rows are used again", async () => {
  const random = seededRandom(testSeed() + 6);
  const below = (limit: number): number => Math.floor(random() * limit);
  const head = headOf();
  const selections = [JOB_A, [new Matcher("!=", "job", "a")], [new Matcher("=~", "i", "1.*")]];
  let hits = 0;
  for (let commit = 1; commit <= 200; commit++) {
    const from = below(30);
    await append(head, commit, series("abcd"[below(4)]!, from, from + 1 + below(3)));
    if (random() < 0.2) await truncateHead(head, (commit - below(20)) * 1000);
    for (const matchers of selections) {
      const kept = head.selections.kept(matchers);
      if (kept !== undefined) {
        hits++;
        expect([...kept.rows].sort()).toEqual([...rowsForMatchers(head.memory, matchers)].sort());
      }
      await select(head, matchers);
    }
  }
  expect(hits).toBeGreaterThan(50);
});

test("a repeated small selection has the same labels as a new one after any additions and removals", async () => {
  const random = seededRandom(testSeed() + 7);
  const below = (limit: number): number => Math.floor(random() * limit);
  const head = new Head(0);
  const matchers = [new Matcher("=~", "job", "a|b"), new Matcher("=", "__name__", "m")];
  let compact = 0;
  for (let commit = 1; commit <= 200; commit++) {
    const from = below(30);
    if (random() < 0.3) await append(head, commit, series("abc"[below(3)]!, from, from + 1 + below(3)));
    if (random() < 0.1) await truncateHead(head, (commit - below(20)) * 1000);
    const querier = head.querier(-Infinity, Infinity);
    const set = await querier.select(matchers, RANGE);
    if (set.labelSets !== undefined) compact++;
    const expected = Array.from(rowsForMatchers(head.memory, matchers), (row) => head.memory.series.labelsOf(row));
    expect(set.labels.map(String)).toEqual(expected.sort(compareLabels).map(String));
    querier.close();
  }
  expect(compact).toBeGreaterThan(50);
  expect(compact).toBeLessThan(200);
});

test("the cache has labels of a limited number of series of small selections, the most recently used", async () => {
  const head = new Head(0);
  await append(head, 1, series("a", 0, 250));
  const matchers = Array.from({ length: 600 }, (_, i) => [...JOB_A, new Matcher("!=", "none", String(i))]);
  const large = [new Matcher("=", "__name__", "m")];
  await append(head, 2, series("b", 0, 50));
  expect(await select(head, large)).toBe(300);
  for (const one of matchers) {
    await select(head, one);
    await select(head, one);
  }
  const kept = matchers.filter((one) => head.selections.kept(one) !== undefined);
  expect(kept.length).toBe(Math.floor(131_072 / 250));
  expect(kept.at(-1)).toBe(matchers.at(-1));
  expect(head.selections.kept(large)).toBeDefined();
});
