import { isStaleAt, Matcher } from "@narthex/model";
import { DecodedBytes, SampleColumns } from "@narthex/storage";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RemoteAnswer } from "../../remote-read/source/remote-reader.ts";
import { readStoreLabelSets, readStoreSamples, readStoreWords, type StoreSelection } from "./read-store-answer.ts";

const SELECTION: StoreSelection = { start: 0, end: 1e6, matchers: [new Matcher("=", "job", "a")], take: () => {} };

/**
 * Returns a response of the store that arrives in pieces. `cuts` lists the ends of the pieces as fractions of the
 * response's length.
 */
function answerOf(form: RemoteAnswer["form"], text: string, cuts: readonly number[] = []): RemoteAnswer {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].toSorted((a, b) => a - b);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 1; i < places.length; i++) {
      await Promise.resolve();
      yield Uint8Array.from(bytes.subarray(places[i - 1], places[i]));
    }
  }
  return { form, added: ["site"], maxFrameBytes: 0, body: pieces() };
}

/** Samples of each series, by the value of its label "a". */
type ReadSeries = Readonly<Record<string, readonly (readonly [number, number | "stale"])[]>>;

async function samplesOf(answer: RemoteAnswer): Promise<ReadSeries> {
  const set = await (await readStoreSamples(answer, SELECTION)).series.toSet([]);
  const columns = new SampleColumns();
  return Object.fromEntries(
    set.labels.map((labels, i) => {
      expect(labels.has("site")).toBe(false);
      set.read(i, -Infinity, Infinity, columns);
      const samples = Array.from({ length: columns.count }, (_, at): [number, number | "stale"] => [
        columns.timestamps[at]!,
        isStaleAt(columns.valueWords, at) ? "stale" : columns.values[at]!,
      ]);
      return [labels.get("a"), samples];
    }),
  );
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
const values = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(Infinity, -Infinity));
const stored = fc.dictionary(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((text) => text !== "__proto__"),
  fc
    .uniqueArray(fc.tuple(fc.nat(1e6), values), { selector: ([time]) => time, minLength: 1, maxLength: 50 })
    .map((samples) => samples.toSorted(([a], [b]) => a - b)),
  { maxKeys: 5, noNullPrototype: true },
);

/** Formats a number, and also shows the sign of zero. */
const textOf = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

const metricOf = (a: string): string => JSON.stringify({ a, job: "a", site: "far", empty: "" });

test("the lines of an export are read correctly, wherever the stream is split", () =>
  fc.assert(
    fc.asyncProperty(stored, cuts, async (series, where) => {
      const number = (value: number): string => (Number.isFinite(value) ? textOf(value) : `"${value}"`);
      const lines = Object.entries(series).map(([a, samples]) => {
        const [times, written] = [samples.map(([time]) => time), samples.map(([, value]) => number(value))];
        return `{"metric":${metricOf(a)},"values":[${written.join()}],"timestamps":[${times.join()}]}\n`;
      });
      expect(await samplesOf(answerOf("lines", lines.join("\n"), where))).toEqual(series);
    }),
  ));

test("a matrix is read correctly, wherever the stream is split", () =>
  fc.assert(
    fc.asyncProperty(stored, cuts, async (series, where) => {
      const text = (value: number): string => textOf(value).replace("Infinity", "Inf");
      const result = Object.entries(series).map(
        ([a, samples]) =>
          `{"metric":${metricOf(a)},"values": [${samples.map(([time, value]) => `[${time / 1000},"${text(value)}"]`).join(", ")}]}`,
      );
      const envelope = `{"warnings":["w [}"],"status":"success","data":{"result": [${result.join()}],"resultType":"matrix"}}\n`;
      expect(await samplesOf(answerOf("matrix", envelope, where))).toEqual(series);
    }),
  ));

test("null in an export is a stale marker, and a series in several lines is read as one series", async () => {
  const text =
    '{"metric":{"a":"x","job":"a"},"values":[1,null],"timestamps":[1,2]}\n{"metric":{"job":"a","a":"x"},"values":[3],"timestamps":[3]}\n';
  expect(await samplesOf(answerOf("lines", text))).toEqual({
    x: [
      [1, 1],
      [2, "stale"],
      [3, 3],
    ],
  });
});

test("if samples have the same time, the first one is kept", async () => {
  const expected = {
    x: [
      [1, 1],
      [2, 3],
    ],
  };
  const line = '{"metric":{"a":"x","job":"a"},"values":[1,2,3,4],"timestamps":[1,1,2,2]}\n';
  expect(await samplesOf(answerOf("lines", line))).toEqual(expected);
  const element = '{"metric":{"a":"x","job":"a"},"values":[[0.001,"1"],[0.001,"2"],[0.002,"3"]]}';
  const matrix = `{"status":"success","data":{"resultType":"matrix","result":[${element}]}}`;
  expect(await samplesOf(answerOf("matrix", matrix))).toEqual(expected);
});

test("histograms in a matrix cause a warning that they are missing, and the store's own warnings are included", async () => {
  const element = '{"metric":{"job":"a"},"histograms":[[1,{"count":"1","sum":"1","buckets":[[0,"0","1","1"]]}]]}';
  const text = `{"status":"success","warnings":["one store is away"],"data":{"resultType":"matrix","result":[${element}]}}`;
  const { warnings, series } = await readStoreSamples(answerOf("matrix", text), SELECTION);
  expect(series.labels).toEqual([]);
  expect(warnings).toEqual(["one store is away", expect.stringContaining("native histograms")]);
});

test.each([
  ["lines", "<html>nginx</html>", "the answer ends in the middle of a line"],
  ["lines", "<html>\nnginx\n</html>\n", "malformed JSON"],
  ["lines", '{"metric":{"job":"a"},"values":[1,2],"timestamps":[1', "ends in the middle"],
  ["lines", '{"metric":{"job":"a"},"values":[1,2],"timestamps":[1]}\n', "as many values as times"],
  ["lines", '{"metric":{"job":"a"},"values":[1,2],"timestamps":[2,1]}\n', "order of time"],
  ["lines", '{"metric":{"job":"a"},"values":[1],"timestamps":[9000000]}\n', "other times"],
  ["lines", '{"metric":{"job":"b"},"values":[1],"timestamps":[1]}\n', '{job="b"} is not one that was asked for'],
  ["lines", '{"metric":{"job":"a"},"values":["x"],"timestamps":[1]}\n', "malformed JSON"],
  ["lines", '{"metric":{"job":"a"},"values":[nil],"timestamps":[1]}\n', "malformed JSON"],
  ["matrix", "<html>", "not a JSON object"],
  ["matrix", "", "the answer is empty"],
  ["matrix", '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{}', "the answer is incomplete"],
  ["matrix", '{"status":"success","data":{"resultType":"vector","result":[]}}', 'no matrix, but "vector"'],
  ["matrix", '{"status":"error","error":"too much"}', "says error: too much"],
  ["matrix", '{"status":"success","data":{"resultType":"matrix","result":[7]}}', "malformed JSON"],
  ["matrix", "{}", "says nothing"],
  ["matrix", `{${" ".repeat(2 ** 21)}}`, "not an answer of the query API"],
] as const)("an invalid answer is refused: %s %#", async (form, text, problem) => {
  await expect(readStoreSamples(answerOf(form, text), SELECTION)).rejects.toThrow(problem);
});

test("label sets and words are read", async () => {
  const sets = '{"status":"success","data":[{"job":"a","a":"\\u00fc","site":"far"},{"job":"a"}]}';
  const { series } = await readStoreLabelSets(answerOf("label sets", sets, [0.4]), SELECTION);
  expect(series.labels.map(String)).toEqual(['{a="ü", job="a"}', '{job="a"}']);
  const words = '{"status":"success","data":["a","b\\"]","ü"],"warnings":["w"]}';
  expect(await readStoreWords(answerOf("words", words, [0.55]), () => {})).toEqual({
    words: ["a", 'b"]', "ü"],
    warnings: ["w"],
  });
});

test("the memory of data is charged while it is read, and reading ends when memory is refused", async () => {
  const line = `{"metric":{"job":"a"},"values":[${Array(1000).fill(1).join()}],"timestamps":[${[...Array(1000).keys()].join()}]}\n`;
  let taken = 0;
  const decoded = new DecodedBytes();
  const take = (bytes: number): void => void (taken += bytes);
  await readStoreSamples(answerOf("lines", line, [0.5]), { ...SELECTION, take }, decoded);
  expect(taken).toBeGreaterThan(16_000);
  // Expects that all bytes of the line except its end are counted as decoded.
  expect(decoded.count).toBe(line.length - 1);
  const refuse = (): never => {
    throw new Error("no more");
  };
  await expect(readStoreSamples(answerOf("lines", line), { ...SELECTION, take: refuse })).rejects.toThrow("no more");
});

test("the memory of label texts is charged", async () => {
  const text = "x".repeat(10_000);
  const sets = Array.from({ length: 100 }, (_, i) => `{"job":"a","a":"${i}${text}"}`);
  let taken = 0;
  const take = (bytes: number): void => void (taken += bytes);
  await readStoreLabelSets(answerOf("label sets", `{"status":"success","data":[${sets.join()}]}`), {
    ...SELECTION,
    take,
  });
  expect(taken).toBeGreaterThan(1_000_000);
  taken = 0;
  const lines = sets.map((metric) => `{"metric":${metric},"values":[1],"timestamps":[1]}\n`);
  await readStoreSamples(answerOf("lines", lines.join("")), { ...SELECTION, take });
  expect(taken).toBeGreaterThan(1_000_000);
});

test.each([
  ["lines", (ones: string) => `{"metric":{"job":"a"},"values":[${ones}]}\n`],
  ["lines", (ones: string) => `{"metric":{"job":"a"},"timestamps":[${ones}]}\n`],
  [
    "matrix",
    (ones: string) => `{"status":"success","data":{"result":[{"values":[${ones.replaceAll("1", "[1,1]")}]}]}}`,
  ],
] as const)("memory is charged before samples are read: %s %#", async (form, textOf) => {
  const text = textOf(`${"1,".repeat(500_000)}1`);
  let left = 2 * text.length;
  const take = (bytes: number): void => {
    if ((left -= bytes) < 0) throw new Error("no more");
  };
  await expect(readStoreSamples(answerOf(form, text), { ...SELECTION, take })).rejects.toThrow("no more");
});

test("all bytes of a line are counted, whether it is split or not", async () => {
  for (const cut of [[], [0.01], [0.99]]) {
    let taken = 0;
    const line = `{"metric":{"job":"a"},"other":"${"x".repeat(100_000)}","values":[1],"timestamps":[1]}\n`;
    // oxlint-disable-next-line no-await-in-loop -- the answers are read one after the other
    await readStoreSamples(answerOf("lines", line, cut), { ...SELECTION, take: (bytes) => void (taken += bytes) });
    expect(taken).toBeGreaterThan(100_000);
  }
});
