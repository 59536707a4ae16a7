import { readDashboard } from "@narthex/dashboards";
import { act } from "react";
import { useLocation } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import { setPreference } from "../../shell/preferences.ts";
import { shownTimeZone } from "../../shell/time-zone.ts";
import { OpenDashboard } from "./OpenDashboard.tsx";
import { testSource } from "../testing/test-source.ts";

let page: DrawnPage;
let requests: string[];
/** Results of variable queries by query text. A query without an entry fails. */
let answers: Record<string, readonly string[]>;

beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
  requests = [];
  answers = { jobs: ["a", "b"], "nodes of a": ["n1"], "nodes of b": ["n2"] };
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    const { query } = JSON.parse(init.body as string) as { query: string };
    requests.push(query);
    const values = answers[query];
    if (values === undefined) return Response.json({ message: `no answer to ${query}` }, { status: 400 });
    return Response.json({ values: values.map((value) => ({ text: value, value })) });
  });
});
afterEach(() => page.close());

/** Puts the current URL parameters into the document, so that tests can check them. */
const Address = () => <output data-search={useLocation().search} />;
const address = (): string => page.all("[data-search]")[0]!.dataset["search"]!;

const sources = [testSource({ uid: "p", name: "Main", type: "other", isDefault: true })];
const variables = [
  { name: "job", type: "query", query: "jobs" },
  { name: "node", type: "query", query: "nodes of $job" },
  { name: "hidden", type: "custom", query: "one,two", skipUrlSync: true },
  { name: "several", type: "custom", query: "x,y", multi: true, current: { text: ["y"], value: ["y"] } },
];

async function open(json: object, search = ""): Promise<void> {
  const read = await readDashboard({ uid: "d", title: "D", schemaVersion: 43, panels: [], ...json });
  await page.draw(
    <>
      <OpenDashboard dashboard={read.dashboard} meta={{}} sources={sources} findings={read} />
      <Address />
    </>,
    `/d/d${search}`,
  );
  await page.until(() => expect(page.all("[data-dashboard-uid]")[0]?.dataset["state"]).toBe("ready"));
}

const control = (name: string) => page.find("button", new RegExp(`^${name}: `));

test("a new value changes the address, and updates the dependent variables once", async () => {
  await open({ templating: { list: variables } });
  expect(requests).toEqual(["jobs", "nodes of a"]);
  await page.click(control("job"));
  await page.click(page.find("[role=option]", "b"));
  await page.until(() => expect(control("node").textContent).toBe("n2"));
  expect(requests.slice(2)).toEqual(["nodes of b"]);
  expect(new URLSearchParams(address()).getAll("var-job")).toEqual(["b"]);
});

test("a variable that the address does not contain can still be changed", async () => {
  await open({ templating: { list: variables } });
  await page.click(control("hidden"));
  await page.click(page.find("[role=option]", "two"));
  expect(control("hidden").textContent).toBe("two");
  expect(address()).not.toContain("hidden");
});

test("a variable whose selection was cleared selects its first option and keeps it", async () => {
  await open({ templating: { list: variables } });
  await page.click(control("several"));
  await page.click(page.find("button", "Clear"));
  await page.click(page.find("button", "Done"));
  expect(control("several").textContent).toBe("x");
});

test("a failed variable query shows its error and is repeated with a refresh", async () => {
  delete answers["jobs"];
  await open({ templating: { list: variables } });
  expect(page.find("button", /^The values of job could not be loaded: no answer to jobs/)).toBeDefined();
  answers["jobs"] = ["a", "b"];
  await page.click(page.find("button", "Refresh now"));
  await page.until(() => expect(page.all("[data-variable=job][data-failed]")).toEqual([]));
  expect(control("job").textContent).toBe("a");
});

test("variables that depend on the time are filled at each refresh, even if the picker is hidden", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  const list = [{ name: "job", type: "query", query: "jobs", refresh: 2 }];
  try {
    const read = await readDashboard({
      uid: "d",
      title: "D",
      schemaVersion: 43,
      panels: [],
      refresh: "10s",
      timepicker: { hidden: true },
      templating: { list },
    });
    await page.draw(<OpenDashboard dashboard={read.dashboard} meta={{}} sources={sources} />);
    await page.settle();
    expect(page.all("[aria-label^='Time range'],[aria-label='Refresh']")).toEqual([]);
    expect(requests.length).toBe(1);
    await act(async () => vi.advanceTimersByTimeAsync(10_100));
    expect(requests.length).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test("a message lists the parts of a dashboard that could not be read, until the user dismisses it", async () => {
  await open({ schemaVersion: 16, panels: [{ id: 1, type: "graph" }, "no panel"], templating: { list: "none" } });
  const line = () => page.all("[aria-label='How this dashboard was read']");
  expect(line()[0]!.textContent).toMatch(
    /could not be read as written; \d+ changes? converted it to the current schema/,
  );
  await page.click(page.find("button", "Dismiss"));
  expect(line()).toEqual([]);
});

test("overlapping panels, as in files of old schemas, are moved below each other, and gaps are closed", async () => {
  const text = (id: number, y: number): object => ({ id, type: "text", gridPos: { x: 0, y, w: 12, h: 5 } });
  await open({ panels: [text(1, 0), text(2, 3), text(3, 40)] });
  const heights = page.all("[data-dashboard-uid] div").map(({ style }) => style.height);
  expect(heights).toContain(`${15 * 38 - 8}px`);
});

test("a dashboard without a time zone uses the user's zone, and its time settings change the zone of all pages", async () => {
  const from = Date.UTC(2026, 0, 31, 18);
  const times = () => page.find("button", /^Time range:/).getAttribute("title");
  const query = `?from=${from}&to=${from + 3_600_000}`;
  setPreference("timeZone", "Asia/Tokyo");
  try {
    await open({}, query);
    expect(times()).toBe("2026-02-01 03:00:00 to 2026-02-01 04:00:00 (Asia/Tokyo)");
    await open({ timezone: "utc" }, query);
    expect(times()).toBe("2026-01-31 18:00:00 to 2026-01-31 19:00:00 (UTC)");
    await page.click(page.find("button", /^Time range:/));
    await page.until(() => page.find("button", "Change time settings"));
    await page.click(page.find("button", "Change time settings"));
    const search = page.field("Search: Time zones");
    await page.type(search, "Dubai");
    await page.press("Enter", search);
    expect(times()).toBe("2026-01-31 22:00:00 to 2026-01-31 23:00:00 (Asia/Dubai)");
    expect(address()).toContain("timezone=Asia%2FDubai");
    expect(shownTimeZone()).toBe("Asia/Dubai");
  } finally {
    setPreference("timeZone", "browser");
  }
});
