import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { api, instant } from "../../support/query.ts";
import { lacks } from "../../support/requirements.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { beginToday, type WriteCall, WriteCalls } from "./write-messages.ts";

const absent = lacks("peers");
const SEED = testSeed();
const CALLS = testCases(150, 400);

const COUNTER = "prometheus_api_remote_write_invalid_labels_samples_total";
const HEADERS = ["samples", "histograms", "exemplars"].map((what) => `x-prometheus-remote-write-${what}-written`);

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string | null;
  readonly written: readonly (string | null)[];
}

async function write(base: string, { headers, body }: WriteCall): Promise<Answer> {
  const response = await fetch(`${base}/api/v1/write`, { method: "POST", headers, body: Uint8Array.from(body) });
  return {
    status: response.status,
    body: await response.text(),
    type: response.headers.get("content-type"),
    written: HEADERS.map((name) => response.headers.get(name)),
  };
}

/** Adapts an answer of the compared Prometheus to the answer that later versions give, and that our server gives. */
function accepted({ about }: WriteCall, answer: Answer): Answer {
  // Later Prometheus versions report a self-contradictory histogram as the sender's error (400).
  if (about.startsWith("1.0") && answer.status === 500 && /buckets|histogram/.test(answer.body)) {
    return { ...answer, status: 400 };
  }
  // For an unsupported encoding, only the first line of the response is compared.
  return about.endsWith("another encoding") ? { ...answer, body: `${answer.body.split("\n")[0]}\n` } : answer;
}

async function counterLines(base: string): Promise<readonly string[]> {
  const page = await (await fetch(`${base}/metrics`)).text();
  return page.split("\n").filter((line) => line.includes(COUNTER));
}

const SETTINGS = [
  { about: "without a window", config: "", flags: [] },
  { about: "with an out-of-order window", config: "storage: {tsdb: {out_of_order_time_window: 2h}}\n", flags: [] },
  { about: "with exemplars", config: "", flags: ["--enable-feature=exemplar-storage,metadata-wal-records"] },
] as const;

test.skipIf(absent).each(SETTINGS)(
  `valid and invalid requests are answered and stored as by Prometheus, $about (seed ${SEED})`,
  async ({ config, flags }) => {
    using workplace = new Workplace();
    const settings = {
      config,
      flags: ["--web.enable-remote-write-receiver", "--enable-feature=native-histograms", ...flags],
    };
    await using theirs = await serve("prometheus", workplace, "theirs", settings);
    await using ours = await serve("narthex", workplace, "ours", settings);
    const now = Date.now();
    // Samples are written first, because a request that Prometheus rolls back may otherwise set the earliest time of
    // the empty head.
    if (config === "") await beginToday(ours, theirs, now);
    const calls = new WriteCalls(new Random(SEED), now, config === "" ? -Infinity : now - 60 * 60_000);
    for (let i = 0; i < CALLS; i++) {
      const call = calls.next();
      const expected = await write(theirs.base, call);
      const got = await write(ours.base, call);
      expect(got, `call ${i}: ${call.about}: ${Buffer.from(call.body).toString("base64").slice(0, 4000)}`).toEqual(
        accepted(call, expected),
      );
    }
    const [all, time] = ['{__name__=~".+"}[3d]', now / 1000 + 600];
    const stored = async (base: string): Promise<unknown> => sorted(await instant(base, all, time));
    expect(await stored(ours.base)).toEqual(await stored(theirs.base));
    expect(await counterLines(ours.base)).toEqual(await counterLines(theirs.base));
    const exemplars = async (base: string): Promise<unknown> =>
      sorted(
        (
          await api<readonly { readonly seriesLabels: unknown }[]>(base, "query_exemplars", {
            query: '{__name__=~".+"}',
            start: "0",
            end: String(now / 1000 + 7200),
          })
        ).map((series) => ({ ...series, metric: series.seriesLabels })),
      );
    expect(await exemplars(ours.base)).toEqual(await exemplars(theirs.base));
  },
);

const sorted = (series: readonly { readonly metric: unknown }[]): unknown =>
  series.toSorted((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1));
