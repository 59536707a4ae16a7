import { type FrameAnswer, type Lookup, type Panel, type PanelQuery, readSource } from "@narthex/dashboards";
import { expect, test, vi } from "vitest";
import type { PanelAnswers } from "../panel-query-batcher.ts";
import { PanelFeeds } from "./panel-feeds.ts";
import type { PanelFeed } from "./panel-feed.ts";
import { panelTime, type PanelRequest } from "./panel-request.ts";
import { testSource } from "../../testing/test-source.ts";

const panelOf = (json: object): Panel =>
  readSource({
    schemaVersion: 41,
    panels: [{ id: 1, type: "timeseries", targets: [{ refId: "A", expr: "$job" }], ...json }],
  }).dashboard.panels[0]!;

const sources = [testSource({ uid: "p", name: "Main", isDefault: true })];

interface SentQueries {
  readonly queries: readonly PanelQuery[];
  readonly range: { readonly from: number; readonly to: number };
  readonly signal: AbortSignal;
  readonly answer: (value: number, answer?: Partial<FrameAnswer>) => Promise<void>;
  readonly fail: (text: string) => Promise<void>;
  /** Sends the answer that the results have not changed. */
  readonly stand: () => Promise<void>;
}

const NOW = 1_800_000_000_000;
/** The time that the clock of the feeds always returns. */
const CLOCK = NOW + 5000;

/** Waits until all resolved promises are handled. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** A fake server that creates panel feeds (the objects that request a panel's data) and answers their queries. */
class Role {
  readonly sent: SentQueries[] = [];
  readonly feeds = new PanelFeeds(
    (queries, range, signal, known) =>
      new Promise((resolve, reject) => {
        this.sent.push({
          queries,
          range,
          signal,
          answer: async (value, rest = {}) => {
            const field = { name: "v", type: "number" as const, config: {}, values: Float64Array.of(value) };
            resolve(new Map([["A", { frames: [{ refId: "A", length: 1, fields: [field] }], status: 200, ...rest }]]));
            await settled();
          },
          fail: async (text) => {
            reject(new Error(text));
            await settled();
          },
          stand: async () => {
            resolve(known!);
            await settled();
          },
        });
        signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      }),
    () => CLOCK,
  );

  taken(): readonly SentQueries[] {
    return this.sent.splice(0);
  }
}

interface Change {
  readonly job?: string;
  readonly other?: string;
  readonly now?: number;
  readonly from?: string;
  readonly pending?: readonly string[];
  /** How far back the compared time range is, ms. */
  readonly compare?: number;
}

const requestOf = (panel: Panel, change: Change = {}, others: readonly Panel[] = []): PanelRequest => {
  const { job = "a", other = "x", now = 100_000, from = "now-1m" } = change;
  const values: Readonly<Record<string, string>> = { job, other };
  const lookup: Lookup = (name) =>
    Object.hasOwn(values, name)
      ? { name, values: [values[name]!], texts: [values[name]!], isMulti: false, isVerbatim: false }
      : undefined;
  const end = now;
  const raw = { from, to: "now" };
  const range = { from: end - (from === "now-1m" ? 60_000 : 120_000), to: end };
  return {
    panel,
    lookup,
    time: panelTime(panel, new Map(), { raw, range, calendar: { now, zone: "UTC" }, lookupFor: () => lookup }),
    earlier:
      change.compare === undefined
        ? undefined
        : {
            period: {
              range: { from: range.from - change.compare, to: range.to - change.compare },
              shiftMs: change.compare,
              words: `${change.compare} ms earlier`,
            },
            lookup,
          },
    zone: "UTC",
    sources,
    filters: new Map(),
    pending: new Set(change.pending),
    now,
    width: 500,
    requestOf: (id) => {
      const referenced = others.find((one) => one.id === id);
      return referenced === undefined ? undefined : requestOf(referenced, change, others);
    },
  };
};

const shownBy = (feed: PanelFeed) => {
  const { frames, isLoading, error } = feed.data();
  return { values: frames.map(({ fields }) => Number(fields[0]!.values[0])), isLoading, error };
};

function opened(panel: Panel): { role: Role; feed: PanelFeed; leave: () => void } {
  const role = new Role();
  const feed = role.feeds.of(`panel-${panel.id}`);
  const [unwatch, disown] = [feed.watch(() => undefined), feed.own()];
  return { role, feed, leave: () => [disown(), unwatch()] };
}

test("a change that affects no query sends no request, and a change of a query aborts the running request", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  feed.request(requestOf(panel, { other: "y" }));
  const [first, none] = role.taken();
  expect([first!.queries[0]!.source["expr"], none]).toEqual(["a", undefined]);
  feed.request(requestOf(panel, { job: "b" }));
  expect(first!.signal.aborted).toBe(true);
  const [second] = role.taken();
  await second!.answer(2);
  expect(shownBy(feed)).toEqual({ values: [2], isLoading: false, error: undefined });
  const shown = feed.data();
  feed.request(requestOf(panel, { job: "b", other: "z" }));
  await settled();
  expect([role.taken().length, feed.data() === shown]).toEqual([0, true]);
});

test("a refresh waits for the running request, and then requests the newest time once", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  const [first] = role.taken();
  for (const now of [105_000, 110_000, 115_000]) feed.request(requestOf(panel, { now }));
  expect([role.sent.length, first!.signal.aborted]).toEqual([0, false]);
  await first!.answer(1);
  expect(shownBy(feed)).toEqual({ values: [1], isLoading: true, error: undefined });
  const [second, none] = role.taken();
  expect([second!.range.to, none]).toEqual([115_000, undefined]);
  await second!.answer(2);
  expect(shownBy(feed)).toEqual({ values: [2], isLoading: false, error: undefined });
});

test("a different range sends a new request", () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  feed.request(requestOf(panel, { from: "now-2m" }));
  const [first, second] = role.taken();
  expect([first!.signal.aborted, second!.range.from]).toEqual([true, -20_000]);
});

test("a panel outside of the screen keeps its answer, and sends a new request only if the answer is old", async () => {
  const panel = panelOf({});
  const { role, feed, leave } = opened(panel);
  feed.request(requestOf(panel));
  await role.taken()[0]!.answer(1);
  leave();
  expect(shownBy(feed).values).toEqual([1]);
  feed.own();
  feed.request(requestOf(panel));
  expect(role.taken()).toEqual([]);
  feed.request(requestOf(panel, { now: 200_000 }));
  expect(role.taken().length).toBe(1);
  expect(shownBy(feed)).toEqual({ values: [1], isLoading: true, error: undefined });
});

test("a request is aborted when no panel needs it any more", () => {
  const panel = panelOf({});
  const { role, feed, leave } = opened(panel);
  feed.request(requestOf(panel));
  expect(role.feeds.isBusy()).toBe(true);
  leave();
  expect([role.taken()[0]!.signal.aborted, role.feeds.isBusy()]).toEqual([true, false]);
});

test("a panel waits only for the variables that it uses", () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel, { pending: ["job"] }));
  expect([role.taken().length, feed.data().isLoading]).toEqual([0, true]);
  expect(feed.data().waiting).toEqual({ since: CLOCK, names: ["the values of $job"] });
  feed.request(requestOf(panel, { pending: ["other"] }));
  expect(role.taken().length).toBe(1);
});

test("an error is shown next to the previous data, and an invalid time range of the panel is reported", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  await role.taken()[0]!.answer(1);
  feed.request(requestOf(panel, { now: 200_000 }));
  await role.taken()[0]!.fail("gone");
  expect(shownBy(feed)).toEqual({ values: [1], isLoading: false, error: "gone" });
  feed.request(requestOf(panelOf({ timeFrom: "often" })));
  expect(shownBy(feed).error).toBe('The panel\'s own time range "often" is invalid.');
});

test("a panel's own time range is used and shown", async () => {
  const panel = panelOf({ timeFrom: "2h", timeShift: "1h" });
  const { role, feed } = opened(panel);
  const request = requestOf(panel, { now: NOW });
  expect(request.time.words).toBe("Last 2 hours timeshift -1h");
  feed.request(request);
  expect(role.taken()[0]!.range).toEqual({ from: NOW - 10_800_000, to: NOW - 3_600_000 });
});

const referencing = (id: number, of: number, rest: object = {}): Panel =>
  panelOf({ id, datasource: { uid: "-- Dashboard --" }, targets: [{ refId: "A", panelId: of, ...rest }] });

test("a panel shows the results of another panel, which are requested once, whether that panel is visible or not", async () => {
  const referenced = panelOf({ transformations: [{ id: "limit", options: { limitField: 0 } }] });
  const [plain, withSteps] = [referencing(2, 1), referencing(3, 1, { withTransforms: true })];
  const role = new Role();
  const [of, plainFeed, stepsFeed] = [1, 2, 3].map((id) => role.feeds.of(`panel-${id}`)) as [
    PanelFeed,
    PanelFeed,
    PanelFeed,
  ];
  for (const feed of [plainFeed, stepsFeed]) feed.own();
  plainFeed.request(requestOf(plain, {}, [referenced]));
  stepsFeed.request(requestOf(withSteps, {}, [referenced]));
  const [sent, none] = role.taken();
  expect(none).toBeUndefined();
  await sent!.answer(7);
  await expect.poll(() => shownBy(stepsFeed).isLoading).toBe(false);
  expect(plainFeed.data().frames.map(({ length }) => length)).toEqual([1]);
  expect(stepsFeed.data().frames.map(({ length }) => length)).toEqual([0]);
  // Marks the referenced panel as visible, so that its requests use its own width.
  of.own();
  of.request({ ...requestOf(referenced, {}, [referenced]), width: 50 });
  plainFeed.request(requestOf(plain, { other: "z" }, [referenced]));
  expect(role.taken().map(({ queries }) => queries[0]!.maxDataPoints)).toEqual([50]);
});

test("panels that show each other's results in a cycle show an error", () => {
  const [one, two] = [referencing(1, 2), referencing(2, 1)];
  const role = new Role();
  for (const panel of [one, two]) {
    const feed = role.feeds.of(`panel-${panel.id}`);
    feed.own();
    feed.request(requestOf(panel, {}, [one, two]));
  }
  return expect
    .poll(() => role.feeds.of("panel-1").data().error)
    .toBe("The panel shows its own results through other panels. Select another panel in one of their queries.");
});

test("unchanged answers are not drawn again until the range has moved by a visible distance", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  await role.taken()[0]!.answer(1);
  const { frames, range } = feed.data();
  // In this test, one pixel is 120 ms, so a shift of 100 ms changes nothing visible.
  feed.request(requestOf(panel, { now: 100_100 }));
  await role.taken()[0]!.stand();
  expect([feed.data().isLoading, feed.data().frames === frames, feed.data().range === range]).toEqual([
    false,
    true,
    true,
  ]);
  feed.request(requestOf(panel, { now: 100_130 }));
  await role.taken()[0]!.stand();
  expect([feed.data().frames === frames, feed.data().range]).toEqual([true, { from: 40_130, to: 100_130 }]);
});

test("invalid field settings are shown as an error in place of the panel", async () => {
  const panel = panelOf({ fieldConfig: { defaults: { displayName: "${__field.labels.a}" }, overrides: [] } });
  const answers: PanelAnswers = new Map([["A", { status: 200, frames: [{ length: 1, fields: [brokenField] }] }]]);
  const feed = new PanelFeeds(() => Promise.resolve(answers)).of("panel-1");
  feed.own();
  feed.request(requestOf(panel));
  await settled();
  expect(shownBy(feed)).toEqual({
    values: [],
    isLoading: false,
    error: "The panel's field settings could not be applied: none to be had",
  });
});

const brokenField = {
  name: "v",
  type: "number" as const,
  config: {},
  values: Float64Array.of(1),
  get labels(): never {
    throw new Error("none to be had");
  },
};

const earlierOf = (feed: PanelFeed) => feed.data().earlier?.frames.map(({ fields }) => Number(fields[0]!.values[0]));

test("the comparison period is requested together with the current one, and no longer when the comparison ends", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel, { compare: 1000 }));
  const [now, then] = role.taken();
  expect([now!.range, then!.range]).toEqual([
    { from: 40_000, to: 100_000 },
    { from: 39_000, to: 99_000 },
  ]);
  expect(then!.queries).toEqual(now!.queries);
  await now!.answer(1);
  await then!.answer(2);
  await vi.waitFor(() => expect([shownBy(feed).values, earlierOf(feed)]).toEqual([[1], [2]]));
  expect(feed.data().earlier!.words).toBe("1000 ms earlier");
  feed.request(requestOf(panel));
  const [alone, none] = role.taken();
  expect(none).toBeUndefined();
  await alone!.answer(3);
  expect([shownBy(feed).values, earlierOf(feed)]).toEqual([[3], undefined]);
});

test("a failed comparison period is reported and the current period is shown; closing the panel aborts both requests", async () => {
  const panel = panelOf({});
  const { role, feed, leave } = opened(panel);
  feed.request(requestOf(panel, { compare: 1000 }));
  const [now, then] = role.taken();
  await then!.fail("too far back");
  await now!.answer(1);
  await vi.waitFor(() => expect(shownBy(feed).values).toEqual([1]));
  expect(feed.data().notices.map(({ text }) => text)).toEqual(["1000 ms earlier: too far back"]);
  feed.request(requestOf(panel, { compare: 2000 }));
  const running = role.taken();
  leave();
  expect(running.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});

const failing: Lookup = () => {
  throw new RangeError("Invalid count value: -1");
};

test("a request that fails while it is prepared shows an error, and the next one is sent", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request({ ...requestOf(panel), lookup: failing });
  const error = "The panel's queries could not be prepared: Invalid count value: -1";
  expect(shownBy(feed)).toEqual({ values: [], isLoading: false, error });
  feed.request(requestOf(panel));
  const [sent] = role.taken();
  await sent!.answer(1);
  expect(shownBy(feed)).toEqual({ values: [1], isLoading: false, error: undefined });
  feed.request({ ...requestOf(panel, { now: 200_000 }), lookup: failing });
  expect(shownBy(feed)).toEqual({ values: [1], isLoading: false, error });
});

test("a request whose comparison period fails while it is prepared shows an error", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  const request = requestOf(panel, { compare: 1000 });
  feed.request({ ...request, earlier: { ...request.earlier!, lookup: failing } });
  const [now] = role.taken();
  await now!.answer(1);
  await vi.waitFor(() => expect(feed.data().isLoading).toBe(false));
  expect(feed.isRunning).toBe(false);
  expect(feed.data().notices.map(({ text }) => text)).toEqual([
    "1000 ms earlier: The panel's queries could not be prepared: Invalid count value: -1",
  ]);
  expect(shownBy(feed)).toEqual({ values: [1], isLoading: false, error: undefined });
});

test("a panel that shows the results of a failed panel shows its error and stops loading", async () => {
  const referenced = panelOf({ id: 2 });
  const panel = panelOf({ datasource: { uid: "-- Dashboard --" }, targets: [{ refId: "A", panelId: 2 }] });
  const { feed } = opened(panel);
  const request = requestOf(panel, {}, [referenced]);
  feed.request({ ...request, requestOf: () => ({ ...requestOf(referenced), lookup: failing }) });
  await settled();
  expect(shownBy(feed)).toEqual({
    values: [],
    isLoading: false,
    error: "The panel's queries could not be prepared: Invalid count value: -1",
  });
});

const gone: Partial<FrameAnswer> = { frames: [], error: "connection refused", status: 502 };

test("a query that fails keeps its last frames, with their time, until it succeeds or changes", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  const asks = async (change: Change, answer: (sent: SentQueries) => Promise<void>): Promise<void> => {
    feed.request(requestOf(panel, change));
    await answer(role.taken()[0]!);
  };
  const shown = () => ({ ...shownBy(feed), asOf: feed.data().asOf });
  await asks({ now: 100_000 }, (sent) => sent.answer(1));
  expect(shown()).toEqual({ values: [1], isLoading: false, error: undefined, asOf: undefined });
  await asks({ now: 200_000 }, (sent) => sent.answer(0, gone));
  expect(shown()).toEqual({ values: [1], isLoading: false, error: "connection refused", asOf: 100_000 });
  const { frames } = feed.data();
  // The server reports that the failure is unchanged, then no response arrives at all.
  await asks({ now: 300_000 }, (sent) => sent.stand());
  expect([shown().asOf, feed.data().frames === frames]).toEqual([100_000, true]);
  await asks({ now: 400_000 }, (sent) => sent.fail("no response"));
  expect(shown()).toEqual({ values: [1], isLoading: false, error: "no response", asOf: 100_000 });
  await asks({ now: 500_000 }, (sent) => sent.answer(2));
  expect(shown()).toEqual({ values: [2], isLoading: false, error: undefined, asOf: undefined });
  await asks({ now: 600_000 }, (sent) => sent.fail("no response"));
  expect(shown().asOf).toBe(500_000);
  await asks({ now: 700_000, job: "b" }, (sent) => sent.answer(0, gone));
  expect(shown()).toEqual({ values: [], isLoading: false, error: "connection refused", asOf: undefined });
});

test("an error of the query itself removes its old frames", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  await role.taken()[0]!.answer(1);
  feed.request(requestOf(panel, { now: 200_000 }));
  await role.taken()[0]!.answer(0, { frames: [], error: "too many points", status: 422 });
  expect(shownBy(feed)).toEqual({ values: [], isLoading: false, error: "too many points" });
});

test("a request without a response keeps no frames of other queries", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  await role.taken()[0]!.answer(1);
  feed.request(requestOf(panel, { job: "b" }));
  await role.taken()[0]!.fail("no response");
  expect(shownBy(feed)).toEqual({ values: [], isLoading: false, error: "no response" });
});

test("a running request states since when it waits for which data sources, and can be cancelled until the next refresh", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  const { waiting } = feed.data();
  expect([waiting?.since, waiting?.names]).toEqual([CLOCK, ["Main"]]);
  waiting!.cancel!();
  const [sent] = role.taken();
  expect(sent!.signal.aborted).toBe(true);
  const error = "Cancelled until the next refresh.";
  expect([shownBy(feed), feed.data().waiting]).toEqual([{ values: [], isLoading: false, error }, undefined]);
  feed.request(requestOf(panel, { other: "z" }));
  expect(role.taken()).toEqual([]);
  feed.request(requestOf(panel, { now: 200_000 }));
  await role.taken()[0]!.answer(1);
  expect(shownBy(feed)).toEqual({ values: [1], isLoading: false, error: undefined });
});

test("a change of the title or of an option computes no frames, a change of a field setting does", async () => {
  const panel = panelOf({});
  const { role, feed } = opened(panel);
  feed.request(requestOf(panel));
  await role.taken()[0]!.answer(1);
  const { frames } = feed.data();
  feed.request(requestOf(panelOf({ title: "Other", options: { a: 1 } })));
  await settled();
  expect(feed.data().frames).toBe(frames);
  feed.request(requestOf(panelOf({ fieldConfig: { defaults: { unit: "percent" }, overrides: [] } })));
  await settled();
  expect(feed.data().frames[0]?.fields[0]?.config.unit).toBe("percent");
  expect(role.taken()).toEqual([]);
});

test("the feeds report the data sources that fail, since when, until they answer", async () => {
  const [one, two] = [panelOf({}), panelOf({ id: 2 })];
  const role = new Role();
  const feeds = [one, two].map((panel) => role.feeds.of(`panel-${panel.id}`));
  for (const feed of feeds) feed.own();
  const ask = (now: number): readonly SentQueries[] => {
    feeds.forEach((feed, at) => feed.request(requestOf([one, two][at]!, { now })));
    return role.taken();
  };
  const heard = vi.fn();
  role.feeds.watch(() => heard(role.feeds.failures()));
  for (const sent of ask(100_000)) await sent.answer(0, gone);
  expect(role.feeds.failures()).toEqual([{ uid: "p", error: "connection refused", since: 100_000 }]);
  for (const sent of ask(200_000)) await sent.answer(0, gone);
  expect(role.feeds.failures()).toEqual([{ uid: "p", error: "connection refused", since: 100_000 }]);
  const [first, second] = ask(300_000);
  await first!.answer(1);
  // The second panel's failure is of an earlier request.
  expect(role.feeds.failures()).toEqual([]);
  await second!.answer(2);
  expect(role.feeds.failures()).toEqual([]);
  expect(heard).toHaveBeenLastCalledWith([]);
});
