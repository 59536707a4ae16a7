import { type Frame, FRAMES_MEDIA_TYPE, readPanelSource, unknownSourceKind } from "@narthex/dashboards";
import { writeFrames } from "@narthex/dashboards/testing";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { hostedPanel, REFRESHED } from "../../testing/hosted-panel.tsx";
import { testSource } from "../../testing/test-source.ts";
import { logs } from "./index.ts";
import { LogsPanel } from "./LogsPanel.tsx";
import { panelRequest } from "../../testing/panel-request.ts";

let page: DrawnPage;
/** Requests of the page: path and body. */
let sent: [path: string, body: Record<string, unknown>][];
let answer: (path: string, body: Record<string, unknown>) => Response;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"], now: REFRESHED });
  page = new DrawnPage();
  sent = [];
  vi.stubGlobal("fetch", async (path: string, { body }: RequestInit) => {
    const json = JSON.parse(body as string) as Record<string, unknown>;
    sent.push([path, json]);
    return answer(path, json);
  });
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const column = (name: string, values: readonly string[]) => ({ name, type: "string", values, config: {} }) as const;

/** Returns lines as Loki's source returns them, the newest first. */
function frame(lines: readonly (readonly [ago: number, text: string])[]): Frame {
  const times = lines.map(([ago]) => REFRESHED - ago);
  return {
    refId: "A",
    length: lines.length,
    fields: [
      { name: "labels", type: "json", values: lines.map(() => ({ job: "api", trace: "7" })), config: {} },
      { name: "Time", type: "time", values: Float64Array.from(times), config: {} },
      column(
        "Line",
        lines.map(([, text]) => text),
      ),
      column(
        "tsNs",
        times.map((time) => `${time}000001`),
      ),
      {
        name: "labelTypes",
        type: "json",
        values: lines.map(() => ({ job: "I", trace: "S" })),
        config: { custom: { hidden: true } },
      },
      column(
        "id",
        lines.map(([ago, text]) => `${ago} ${text}`),
      ),
    ],
  };
}

const source = testSource({ uid: "loki", type: "loki", kind: { ...unknownSourceKind("loki"), features: ["logs"] } });

/** Draws a logs panel whose query is `{job="api"}`. */
function drawn(frames: readonly Frame[], options: object = {}, sources = [source]): Promise<void> {
  const panel = readPanelSource({
    type: "logs",
    datasource: { type: "loki", uid: "loki" },
    targets: [{ refId: "A", expr: '{job="api"}' }],
    options,
  });
  const range = { from: REFRESHED - 3_600_000, to: REFRESHED };
  const time = { raw: { from: "now-1h", to: "now" }, range, words: "" };
  const request = panelRequest(panel, { time, sources, now: REFRESHED });
  const Panel: typeof LogsPanel = (props) => <LogsPanel {...props} panel={panel} frames={frames} />;
  return page.draw(hostedPanel({ ...logs, Panel }, options, { sources, requestOf: () => request }));
}

const seconds = (count: number) => act(async () => vi.advanceTimersByTimeAsync(count * 1000));
const texts = (): readonly string[] => page.all('[role="listitem"] summary').map(({ textContent }) => textContent);

test("the context of a line shows the lines of its stream around it, in the order of the list", async () => {
  const lines = { before: ["b1", "b2"], after: ["same time", "one", "a1"] };
  answer = (_, { direction, limit }) => {
    const all = lines[direction as "before" | "after"];
    const more = Array.from({ length: Number(limit) - all.length - 1 }, (_, at) => `more ${at}`);
    const whole = direction === "before" && limit === 20 ? [...all, ...more, "oldest"] : all;
    return Response.json({ lines: whole.map((text) => ({ nanoseconds: `${REFRESHED}000001`, text })) });
  };
  await drawn([frame([[0, "one"]])]);
  page.all("summary")[0]!.click();
  await page.settle();
  page.find("button", /Show context/).click();
  await page.until(() => expect(page.all('[role="group"] p').length).toBeGreaterThan(5));
  expect(sent.map(([path, body]) => [path, body])).toEqual(
    ["before", "after"].map((direction) => [
      "/api/narthex/sources/loki/resources/log-context",
      {
        labels: { job: "api", trace: "7" },
        labelTypes: { job: "I", trace: "S" },
        nanoseconds: `${REFRESHED}000001`,
        direction,
        limit: 20,
      },
    ]),
  );
  const around = page.all('[role="group"] p, [role="group"] button').map(({ textContent }) => textContent);
  expect(around.slice(0, 5)).toEqual(["No more lines after it", "a1", "one", "b1", "b2"]);
  expect(around.at(-1)).toBe("20 more lines before");
  page.find("button", /20 more lines before/).click();
  await page.until(() => expect(sent.at(-1)![1]).toMatchObject({ direction: "before", limit: 40 }));
  await page.until(() => expect(page.all('[role="group"] p').at(-1)?.textContent).toBe("No more lines before it"));
  page.find("button", /Hide context/).click();
  await page.until(() => expect(page.all('[role="group"]')).toEqual([]));
});

test("lines of a source without context have no button for it, and their panel cannot be followed", async () => {
  await drawn([frame([[0, "one"]])], {}, [testSource({ uid: "loki", type: "loki" })]);
  page.all("summary")[0]!.click();
  await page.settle();
  expect(page.all("button").map(({ textContent }) => textContent.trim())).toEqual(["Copy line"]);
});

test("a followed panel shows new lines at the top every two seconds, and no requests are sent when it is stopped or hidden", async () => {
  let next: readonly Frame[] = [frame([[0, "new"]])];
  answer = () =>
    new Response(writeFrames(new Map([["A", { status: 200, frames: next }]])), {
      headers: { "content-type": FRAMES_MEDIA_TYPE },
    });
  await drawn([frame([[1000, "known"]])], { sortOrder: "Ascending" });
  page.find("button", /Follow/).click();
  await page.until(() => expect(texts()).toEqual(["new", "known"]));
  expect(sent).toMatchObject([
    [
      "/api/ds/query",
      {
        from: String(REFRESHED - 11_000),
        to: String(REFRESHED + 1),
        queries: [{ refId: "A", expr: '{job="api"}', direction: "backward", queryType: "range" }],
      },
    ],
  ]);
  next = [
    frame([
      [-1500, "newest"],
      [0, "new"],
    ]),
  ];
  await seconds(2);
  await page.until(() => expect(texts()).toEqual(["newest", "new", "known"]));
  const visible = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  const before = sent.length;
  await seconds(10);
  expect(sent).toHaveLength(before);
  visible.mockReturnValue("visible");
  answer = () => new Response("{}", { status: 500 });
  await seconds(2);
  await page.until(() => expect(page.all('[role="status"]')[0]!.textContent).toContain("500"));
  expect(texts()).toEqual(["newest", "new", "known"]);
  page.find("button", /Follow/).click();
  await page.until(() => expect(texts()).toEqual(["known"]));
  const stopped = sent.length;
  await seconds(10);
  expect(sent).toHaveLength(stopped);
});
