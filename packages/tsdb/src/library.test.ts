import { isStaleAt, wordsOf, writeStale } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { histogramOf } from "@narthex/storage/testing";
import { expect, onTestFinished, test } from "vitest";
import { AppendError, type Database, open as openFolder, type OpenOptions, type SeriesData } from "./library.ts";

async function open(folder = temporaryFolder(), options?: OpenOptions): Promise<Database> {
  const db = await openFolder(folder, options);
  onTestFinished(() => db.close());
  return db;
}

const series = (name: string, times: readonly number[], values: ArrayLike<number> = times): SeriesData => ({
  labels: { __name__: name },
  times,
  values,
});

const ALWAYS = { start: -Infinity, end: Infinity };

const rows = async (db: Database): Promise<[string, number[], number[]][]> =>
  (await db.select([], ALWAYS)).map(({ labels, times, values }) => [labels["__name__"]!, [...times], [...values]]);

test("committed samples are there when the folder is opened again, others are not", async () => {
  const folder = temporaryFolder();
  const db = await open(folder);
  db.append(series("b", [1, 2]));
  db.append(series("a", [1], [7]));
  expect(await rows(db)).toEqual([]);
  await db.commit();
  await db.commit();
  db.append(series("c", [3]));
  await db.close();
  await db.close();
  expect(await rows(await open(folder))).toEqual([
    ["a", [1], [7]],
    ["b", [1, 2], [1, 2]],
  ]);
});

test("select() returns the series that fulfil all conditions, with their samples in the range", async () => {
  const db = await open();
  for (const name of ["ab", "ac", "bc"]) db.append(series(name, [1, 2, 3]));
  await db.commit();
  const condition = { name: "__name__", type: "=~", value: "a." } as const;
  const found = await db.select([condition, { ...condition, type: "!=", value: "ac" }], { start: 2, end: 3 });
  expect(found).toEqual([{ labels: { __name__: "ab" }, times: Float64Array.of(2, 3), values: Float64Array.of(2, 3) }]);
  expect(await db.select([condition], { start: 4, end: 5 })).toEqual([]);
  await expect(db.select([{ ...condition, value: "(" }], ALWAYS)).rejects.toThrow("missing closing )");
  await expect(db.select([], { ...ALWAYS, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test("stale markers and native histograms are kept", async () => {
  const db = await open();
  const values = Float64Array.of(1, 0, 0);
  writeStale(wordsOf(values), 1);
  db.append({ ...series("a", [1, 2, 3], values), histograms: [undefined, undefined, histogramOf(4)] });
  await db.commit();
  const [found] = await db.select([], ALWAYS);
  expect([...found!.times]).toEqual([1, 2, 3]);
  expect(found!.histograms).toMatchObject([undefined, undefined, { count: histogramOf(4).count }]);
  expect(isStaleAt(wordsOf(found!.values), 1)).toBe(true);
});

const DAY = 86_400_000;

test.each<[kind: string, refused: SeriesData, message: string]>([
  [
    "out-of-order",
    series("a", [DAY - 2, DAY - 1, DAY + 1]),
    '2 of 3 samples of {__name__="a"} were refused, the first at 86399998: the series has a newer sample',
  ],
  [
    "duplicate",
    series("a", [DAY, DAY + 1], [0, DAY + 1]),
    "the first at 86400000: the series has another value at this time",
  ],
  ["too-old", series("b", [1, DAY + 1]), "the first at 1: the database no longer accepts samples of this time"],
  [
    "invalid-histogram",
    { ...series("h", [DAY, DAY + 1]), histograms: [{ ...histogramOf(4), count: -1 }] },
    "the counts and spans of the histogram contradict each other",
  ],
])("a refused sample is an error of the kind %s, and the others are appended", async (kind, refused, message) => {
  const db = await open();
  db.append(series("a", [DAY]));
  await db.commit();
  const error = ((): unknown => {
    try {
      return db.append(refused);
    } catch (cause) {
      return cause;
    }
  })();
  expect(error).toBeInstanceOf(AppendError);
  expect(error).toMatchObject({ kind, message: expect.stringContaining(message) });
  await db.commit();
  const name = refused.labels["__name__"]!;
  expect(await rows(db)).toContainEqual([name, name === "a" ? [DAY, DAY + 1] : [DAY + 1], expect.anything()]);
});

test.each([
  [{ ...series("a", [1]), labels: {} }, "a series needs a label"],
  [{ ...series("a", [1]), labels: { "": "x" } }, 'invalid name of a label: ""'],
  [series("a", [1.5]), "times are whole milliseconds, but slot 0 is 1.5"],
  [series("a", [1, 2], [1]), "2 times need as many values, not 1"],
  [series("a", [2, 1]), "times must ascend, but slot 1 is 1 after 2"],
])("an invalid series is refused as a whole: %j", async (invalid, message) => {
  const db = await open();
  expect(() => db.append(invalid)).toThrow(new RangeError(message));
  await db.commit();
  expect(await rows(db)).toEqual([]);
});

test("a window for late samples, and messages, are options", async () => {
  const messages: string[] = [];
  const db = await open(undefined, {
    outOfOrderWindowMs: 1000,
    log: (level, message) => messages.push(`${level} ${message}`),
  });
  db.append(series("a", [1000]));
  await db.commit();
  db.append(series("a", [500]));
  await db.commit();
  expect(await rows(db)).toEqual([["a", [500, 1000], [500, 1000]]]);
  expect(messages).toContain("info WAL replay completed");
});

test("a closed database refuses everything but another close()", async () => {
  const db = await open();
  await db.close();
  const message = "the database is closed; open the folder again";
  expect(() => db.append(series("a", [1]))).toThrow(message);
  for (const call of [db.commit(), db.compact(), db.select([], ALWAYS)]) await expect(call).rejects.toThrow(message);
});
