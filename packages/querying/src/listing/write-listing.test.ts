import { gunzipSync } from "node:zlib";
import { compareLabels, goJson, Labels, Matcher } from "@narthex/model";
import { parseSelectors, type QueryError } from "@narthex/promql";
import { MemoryStorage } from "@narthex/storage/testing";
import { systemClock } from "@narthex/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JobContext } from "../evaluation/job-context.ts";
import { PieceMemory } from "../response/piece-memory.ts";
import { gzipEnd } from "../response/gzip-pieces.ts";
import type { ListingScope, SelectorListing } from "./listing.ts";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { writeListing } from "./write-listing.ts";

const END = 10_000;
const ALL = [new Matcher("=~", "__name__", ".+")];

/** Makes a listing. Returns its text, its warnings and other properties. */
async function said(
  storage: Pick<MemoryStorage, "querier">,
  listing: SelectorListing,
  gzip = false,
): Promise<{ text: string; warnings: readonly string[] }> {
  const account = MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 });
  const charge = account.charge("queries");
  const signal = new AbortController().signal;
  const yieldTurn = (): Promise<void> => Promise.resolve();
  const pieceMemory = new PieceMemory();
  const context: JobContext = { signal, timeoutMs: 60_000, charge, gzip, pieceMemory, began: () => {}, yieldTurn };
  const { annotations, pieces } = await writeListing(listing, storage, context, systemClock);
  const bytes: Uint8Array[] = [];
  let sum;
  for await (const piece of pieces) {
    bytes.push(piece.bytes);
    sum = piece.sum;
  }
  const whole = Buffer.concat(sum === undefined ? bytes : [...bytes, gzipEnd(new Uint8Array(), sum)]);
  return { text: (sum === undefined ? whole : gunzipSync(whole)).toString(), warnings: annotations.warnings };
}

/** Reference implementation: computes the expected listing in the simplest way. */
async function plainly(
  storage: MemoryStorage,
  listing: Exclude<SelectorListing, { kind: "search" }>,
): Promise<{ text: string; warnings: readonly string[] }> {
  const querier = storage.querier(listing.start, listing.end);
  const parsed = parseSelectors(listing.match);
  if (!parsed.ok) throw parsed.errors[0];
  const found = new Map<string, Labels>();
  for (const matchers of parsed.selectors.length === 0 ? [ALL] : parsed.selectors) {
    const { labels } = await querier.select(matchers, { start: listing.start, end: listing.end });
    for (const one of labels) found.set(one.key, one);
  }
  const series = [...found.values()].sort(compareLabels);
  const words = (list: string[]): string[] => [...new Set(list)].sort().map((word) => goJson(word));
  const rows =
    listing.kind === "series"
      ? series.map((labels) => JSON.stringify(labels.toRecord()))
      : listing.kind === "label names"
        ? words(series.flatMap((labels) => labels.names()))
        : words(series.map((labels) => labels.get("kind")).filter((value) => value !== ""));
  const shown = listing.limit === 0 ? rows : rows.slice(0, listing.limit);
  return {
    text: `{"status":"success","data":[${shown.join(",")}]`,
    warnings: shown.length < rows.length ? ["results truncated due to limit"] : [],
  };
}

const SELECTORS = ["a", "b", `{kind="x"}`, `{kind!="x",__name__=~".+"}`, `{__name__=~"a|c"}`, `{zone=~".+<.*"}`];

const scope = fc.record({
  match: fc.array(fc.constantFrom(...SELECTORS), { maxLength: 4 }),
  start: fc.integer({ min: 0, max: END / 2 }),
  end: fc.integer({ min: END / 2, max: END }),
  limit: fc.nat(4),
});

const stored = fc.array(
  fc.record({
    name: fc.constantFrom("a", "b", "c"),
    kind: fc.constantFrom("", "x", "y", "<z>", 'ü"\n\\'),
    zone: fc.constantFrom("", "1<2", "\u2028"),
    time: fc.nat(END),
  }),
  { maxLength: 12 },
);

test("series, names and values of all selectors are listed in order, without duplicates, up to the limit", () =>
  fc.assert(
    fc.asyncProperty(stored, scope, fc.nat(2), fc.boolean(), async (samples, where: ListingScope, kind, gzip) => {
      const storage = new MemoryStorage();
      for (const { name, time, ...labels } of samples.toSorted((a, b) => a.time - b.time))
        await storage.load(Labels.of({ __name__: name, ...labels }), [time], [1]);
      const match = kind === 0 && where.match.length === 0 ? ["a"] : where.match;
      const listing = (
        [
          { kind: "series", ...where, match },
          // Uses the whole time range for these listings, because the test storage ignores the range of names and
          // values.
          { kind: "label names", ...where, match, start: 0, end: END },
          { kind: "label values", name: "kind", ...where, match, start: 0, end: END },
        ] as const
      )[kind]!;
      expect(await said(storage, listing, gzip)).toEqual(await plainly(storage, listing));
    }),
  ));

const everything = {
  kind: "search",
  label: "kind",
  field: "value",
  match: [],
  start: 0,
  end: END,
  limit: 0,
  order: "ascending",
  batchSize: 100,
  withScore: false,
  filter: { terms: [], algorithm: "subsequence", threshold: 0, caseSensitive: true },
} as const;

test("a search returns words in batches, in the requested order, up to the limit", async () => {
  const storage = new MemoryStorage();
  for (const kind of ["cpu", "x_cpu", "node_cpu", "<c>p&u", "mem"])
    await storage.load(Labels.of({ __name__: kind === "mem" ? "b" : "a", kind }), [1], [1]);
  const lines = async (more: Partial<Extract<SelectorListing, { kind: "search" }>>): Promise<readonly string[]> =>
    (await said(storage, { ...everything, ...more })).text.split("\n");
  const filter = { ...everything.filter, terms: ["cpu"] };
  expect(await lines({ batchSize: 2 })).toEqual([
    '{"results":[{"value":"\\u003cc\\u003ep\\u0026u"},{"value":"cpu"}]}',
    '{"results":[{"value":"mem"},{"value":"node_cpu"}]}',
    '{"results":[{"value":"x_cpu"}]}',
    '{"status":"success","has_more":false}',
    "",
  ]);
  expect(await lines({ order: "descending", limit: 2 })).toEqual([
    '{"results":[{"value":"x_cpu"},{"value":"node_cpu"}]}',
    '{"status":"success","has_more":true}',
    "",
  ]);
  expect(await lines({ order: "score", filter, withScore: true, limit: 3 })).toEqual([
    `{"results":[{"value":"cpu","score":1},{"value":"x_cpu","score":${((9 - 2 / 5) / 9) * 0.999}},{"value":"node_cpu","score":${((9 - 5 * (1 / 8)) / 9) * 0.999}}]}`,
    '{"status":"success","has_more":true}',
    "",
  ]);
  expect(await lines({ match: ["b", "{kind='cpu'}"] })).toEqual([
    '{"results":[{"value":"cpu"},{"value":"mem"}]}',
    '{"status":"success","has_more":false}',
    "",
  ]);
  expect(await lines({ label: undefined, field: "name" })).toEqual([
    '{"results":[{"name":"__name__"},{"name":"kind"}]}',
    '{"status":"success","has_more":false}',
    "",
  ]);
  expect(await lines({ label: "nope" })).toEqual(['{"results":[]}', '{"status":"success","has_more":false}', ""]);
});

test("the first line of a search contains the warnings", async () => {
  const storage = new MemoryStorage();
  await storage.load(Labels.of({ __name__: "a", kind: "x" }), [1], [1]);
  const { text } = await said(
    {
      querier: (from, to) => Object.assign(storage.querier(from, to), { warnings: ["b is missing", "a is missing"] }),
    },
    everything,
  );
  expect(text.split("\n")[0]).toBe('{"results":[{"value":"x"}],"warnings":["a is missing","b is missing"]}');
});

const newest: Omit<Extract<SelectorListing, { kind: "federation" }>, "match"> = {
  kind: "federation",
  start: 0,
  end: END,
  limit: 0,
  format: { format: "text", escaping: "underscores" },
  externalLabels: ["cluster", "lab", "instance", ""],
};

test("federation returns the newest sample of each series by name, and adds missing external labels", async () => {
  const storage = new MemoryStorage();
  await storage.load(Labels.of({ __name__: "b", A: "1", instance: "i" }), [1, 2], [5, 6]);
  await storage.load(Labels.of({ __name__: "a", A: "2", cluster: "own" }), [3], [-0.5]);
  await storage.load(Labels.of({ __name__: "b.c", A: "3" }), [4], [1e21]);
  await storage.load(Labels.of({ job: "nameless" }), [4], [1]);
  expect(await said(storage, { ...newest, match: ["{__name__=~'.+'}", "b", "{}"] })).toEqual({
    text:
      `# TYPE a untyped\na{A="2",cluster="own",instance=""} -0.5 3\n` +
      `# TYPE b untyped\nb{A="1",instance="i",cluster="lab"} 6 2\n` +
      `# TYPE b_c untyped\nb_c{A="3",cluster="lab",instance=""} 1e+21 4\n`,
    warnings: [],
  });
  expect(await said(storage, { ...newest, match: [] })).toEqual({ text: "", warnings: [] });
});

test("invalid selectors, and selectors that may select all series, are rejected", async () => {
  const storage = new MemoryStorage();
  const refusal = (listing: SelectorListing): Promise<string> =>
    said(storage, listing).then(String, ({ kind, message }: QueryError) => `${kind}: ${message}`);
  const where = { start: 0, end: END, limit: 0 };
  expect(await refusal({ kind: "series", ...where, match: ["up{"] })).toMatch(/^bad-query: 1:4: parse error/);
  for (const kind of ["series", "label names"] as const)
    expect(await refusal({ kind, ...where, match: ["up", "{}"] })).toBe(
      "bad-query: match[] must contain at least one non-empty matcher",
    );
});

test("the memory of listings is counted, and a listing that needs too much is rejected", async () => {
  const storage = new MemoryStorage();
  for (let i = 0; i < 9000; i++) await storage.load(Labels.of({ __name__: "m", i: String(i) }), [1], [1]);
  const account = MemoryAccount.open({ limitBytes: 300 * 1024, reservedBytes: 0 });
  const charge = account.charge("queries");
  const context: JobContext = {
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    charge,
    gzip: false,
    pieceMemory: new PieceMemory(),
    began: () => {},
    yieldTurn: () => Promise.resolve(),
  };
  const listing: SelectorListing = { kind: "series", match: ["m"], start: 0, end: END, limit: 0 };
  await expect(writeListing(listing, storage, context, systemClock)).rejects.toThrow(/--query.max-memory/);
  await expect(writeListing({ ...listing, limit: 10 }, storage, context, systemClock)).resolves.toBeDefined();
});

test("a listing of many series lets other jobs run, and ends when its client disconnects", async () => {
  const storage = new MemoryStorage();
  for (let i = 0; i < 3000; i++) await storage.load(Labels.of({ __name__: "m", i: String(i) }), [1], [1]);
  const client = new AbortController();
  let turns = 0;
  const context: JobContext = {
    signal: client.signal,
    timeoutMs: 60_000,
    charge: MemoryAccount.open({ limitBytes: 1e8, reservedBytes: 0 }).charge("queries"),
    gzip: false,
    pieceMemory: new PieceMemory(),
    began: () => {},
    yieldTurn() {
      turns++;
      client.abort();
      return Promise.resolve();
    },
  };
  let now = 0;
  const clock = { ...systemClock, now: () => 0, monotonic: () => (now += 10), after: () => () => {} };
  const listing: SelectorListing = { ...newest, match: ["m"] };
  await expect(writeListing(listing, storage, context, clock)).rejects.toThrow("query was canceled in query execution");
  expect(turns).toBe(1);
});
