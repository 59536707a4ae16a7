import {
  type Dashboard,
  type FrameAnswer,
  FRAMES_MEDIA_TYPE,
  parseInterval,
  readDashboard,
  type SourceListing,
} from "@narthex/dashboards";
import { writeFrames } from "@narthex/dashboards/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { nowMs } from "../../time/browser-clock.ts";
import { askEarly } from "../data/fitted-span.ts";
import { OpenDashboard } from "./OpenDashboard.tsx";
import { testSource } from "../testing/test-source.ts";

let page: DrawnPage;
let requests: number;
/** Reports whether the fake data source has data at an offset such as `5m`. */
let dataAt: (offset: string) => boolean;

interface SentQuery {
  readonly refId: string;
  readonly expr: string;
}

function answerTo({ expr }: SentQuery): FrameAnswer {
  const offsets = [...expr.matchAll(/count\(up offset (\w+)\), "before"/g)].map(([, offset]) => offset!);
  const frames = offsets.filter(dataAt).map((before) => ({
    length: 1,
    fields: [{ name: "Value", type: "number" as const, config: {}, labels: { before }, values: Float64Array.of(1) }],
  }));
  return { status: 200, frames };
}

beforeEach(() => {
  page = new DrawnPage();
  requests = 0;
  vi.stubGlobal("fetch", async (_: string, { body }: RequestInit) => {
    requests++;
    const { queries } = JSON.parse(body as string) as { queries: readonly SentQuery[] };
    const answers = new Map(queries.map((query) => [query.refId, answerTo(query)]));
    return new Response(writeFrames(answers), { headers: { "content-type": FRAMES_MEDIA_TYPE } });
  });
});
afterEach(() => page.close());

/** Returns a `dataAt` function for a data source whose data began at the given offset. */
const since =
  (age: string) =>
  (offset: string): boolean =>
    parseInterval(offset)! <= parseInterval(age)!;

const rangeButton = () => page.find("button", /^Time range: /);
const shownRange = (): string =>
  rangeButton()
    .getAttribute("aria-label")!
    .replace(/Time range: | all data so far/g, "");

let uids = 0;

/**
 * Opens a dashboard with a panel in a collapsed row, by default for the last hour. Each call uses a new data source.
 * @param before called with the dashboard and the sources before the dashboard is rendered
 */
async function open(
  search = "",
  time = { from: "now-1h", to: "now" },
  before?: (...opened: [Dashboard, readonly SourceListing[]]) => void,
): Promise<void> {
  const uid = `source-${uids++}`;
  const sources = [testSource({ uid, isDefault: true })];
  const panel = { id: 2, type: "timeseries", title: "P", targets: [{ refId: "A", expr: "up" }] };
  const row = { id: 1, type: "row", title: "R", collapsed: true, panels: [panel] };
  const { dashboard } = await readDashboard({ uid: "d", title: "D", schemaVersion: 43, time, panels: [row] });
  before?.(dashboard, sources);
  await page.draw(<OpenDashboard dashboard={dashboard} meta={{}} sources={sources} />, `/d/d${search}`);
  await page.settle();
}

const refresh = async (): Promise<void> => {
  await page.click(page.find("button", "Refresh now"));
  await page.settle();
};

test("a dashboard over young data shows a range that fits the data, and grows with it", async () => {
  dataAt = since("3m");
  await open();
  expect(shownRange()).toBe("Last 5 minutes");
  expect(rangeButton().textContent).toContain("all data so far");
  expect(rangeButton().title).toContain("The range grows with the data to: Last 1 hour");
  dataAt = since("6m");
  await refresh();
  expect(shownRange()).toBe("Last 15 minutes");
  dataAt = since("61m");
  await refresh();
  expect(shownRange()).toBe("Last 1 hour");
  expect(rangeButton().textContent).not.toContain("all data so far");
});

test("the range fits young data after one request, which the page may send before the dashboard is rendered", async () => {
  dataAt = since("3m");
  await open();
  expect(requests).toBe(1);
  await open("", undefined, (dashboard, sources) => askEarly(dashboard, sources, nowMs()));
  expect(shownRange()).toBe("Last 5 minutes");
  expect(requests).toBe(2);
});

test("after an early request that failed, the dashboard asks again", async () => {
  dataAt = since("3m");
  await open("", undefined, (dashboard, sources) => {
    const answering = fetch;
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    askEarly(dashboard, sources, nowMs());
    vi.stubGlobal("fetch", answering);
  });
  expect(shownRange()).toBe("Last 5 minutes");
  expect(requests).toBe(1);
});

test("a gap in the data does not shorten the range", async () => {
  dataAt = (offset) => offset === "0s" || offset === "30m";
  await open();
  expect(shownRange()).toBe("Last 1 hour");
});

test("a source with older data is asked once", async () => {
  dataAt = since("2h");
  await open();
  await refresh();
  expect(shownRange()).toBe("Last 1 hour");
  expect(requests).toBe(1);
});

test("the range in the address is shown, however young the data is", async () => {
  dataAt = since("3m");
  await open("?from=now-6h&to=now");
  expect(shownRange()).toBe("Last 6 hours");
  expect(requests).toBe(0);
});

test.each([
  { from: "now/d", to: "now" },
  { from: "now-6h", to: "now-1h" },
  { from: "0", to: "3600000" },
])("a dashboard whose range is %j shows its range", async (time) => {
  dataAt = since("3m");
  await open("", time);
  expect(requests).toBe(0);
});

test("a source without the metric `up`, or that cannot answer, leaves the dashboard's range", async () => {
  dataAt = () => false;
  await open();
  expect(shownRange()).toBe("Last 1 hour");
  vi.stubGlobal("fetch", async () => Response.json({ message: "down" }, { status: 502 }));
  await open();
  expect(shownRange()).toBe("Last 1 hour");
});
