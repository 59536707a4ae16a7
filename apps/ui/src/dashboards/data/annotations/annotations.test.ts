import { type AnnotationQuery, type Lookup, readSource } from "@narthex/dashboards";
import { useQueryClient } from "@tanstack/react-query";
import { createElement, Fragment, useMemo } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { type AnnotationRequest, annotationRequest, type MarkAnswer } from "./annotation-request.ts";
import { type AnnotationData, useMarks } from "./use-marks.ts";
import { annotationsOn, type DashboardAnnotation, type ShownPanel } from "../../contracts/dashboard-annotation.ts";
import { testSource } from "../../testing/test-source.ts";

const sources = [testSource({ uid: "p", name: "Main", isDefault: true })];
const lookup: Lookup = (name) =>
  name === "job" ? { name, values: ["a.b", "c"], texts: ["a.b", "c"], isMulti: true, isVerbatim: false } : undefined;
const range = { from: 1000.5, to: 2000 };

const queryOf = (json: object): AnnotationQuery =>
  readSource({
    schemaVersion: 41,
    panels: [],
    annotations: { list: [{ name: "Deploys", enable: true, ...json }] },
  }).dashboard.annotations.find(({ name }) => name === "Deploys")!;

const requestOf = (json: object) => annotationRequest(queryOf(json), { uid: "dash", sources, lookup, scheme: "dark" });

const shown = (id: number): ShownPanel => {
  const [panel] = readSource({ schemaVersion: 41, panels: [{ id, type: "timeseries" }] }).dashboard.panels;
  return { panel: panel!, lookup, frames: [] };
};

/** Makes a fake server send the same response to each request, and returns the list of requests. */
function answering(answer: unknown): { url: string; body: unknown }[] {
  const requests: { url: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    requests.push({ url, body: init.body === undefined ? undefined : JSON.parse(init.body as string) });
    return Response.json(answer);
  });
  return requests;
}

afterEach(() => vi.unstubAllGlobals());

test("variables are replaced in the query of a source", async () => {
  const requests = answering({ annotations: [{ time: 5, timeEnd: 9, title: "T", text: "x", tags: ["y"] }] });
  const request = requestOf({
    datasource: { uid: "p" },
    iconColor: "red",
    expr: 'up{job=~"$job"}',
    titleFormat: "{{job}}",
  });
  const { marks } = await request.run(range, new AbortController().signal);
  expect(requests).toEqual([
    {
      url: expect.stringMatching(/\/api\/narthex\/annotations\/query$/),
      body: {
        datasource: { uid: "p" },
        query: expect.objectContaining({ expr: String.raw`up{job=~"(a\\.b|c)"}`, titleFormat: "{{job}}" }),
        from: "1000.5",
        to: "2000",
      },
    },
  ]);
  expect(marks).toEqual([
    { time: 5, timeEnd: 9, title: "T", text: "x", tags: ["y"], color: expect.stringMatching(/^#/), shownOn: undefined },
  ]);
});

test("the server returns its stored marks by dashboard or by tags", async () => {
  const requests = answering([{ id: 3, time: 5, timeEnd: 5, text: "made by hand" }]);
  const signal = new AbortController().signal;
  const own = { builtIn: 1, datasource: { type: "grafana", uid: "-- Grafana --" }, type: "dashboard" };
  const {
    marks: [mark],
  } = await requestOf(own).run(range, signal);
  expect(mark).toMatchObject({ id: 3, time: 5, title: "", text: "made by hand", tags: [] });
  expect(mark).not.toHaveProperty("timeEnd");
  const tagged = { type: "tags", tags: ["deploy", "$job"], matchAny: true, limit: 7 };
  await requestOf({ datasource: { uid: "-- Grafana --" }, target: tagged }).run(range, signal);
  expect(requests.map(({ url }) => url.replace(/^.*\?/, ""))).toEqual([
    "dashboardUID=dash&limit=100&from=1000&to=2000",
    "tags=deploy&tags=a.b&tags=c&limit=7&matchAny=true&from=1000&to=2000",
  ]);
});

test("a mark that was created on a panel is shown only on that panel, but a query by tags shows it on all panels", async () => {
  answering([
    { id: 1, time: 5, panelId: 2 },
    { id: 2, time: 6, panelId: 0 },
  ]);
  const signal = new AbortController().signal;
  const shownOn = async (json: object) => {
    const { marks } = await requestOf(json).run(range, signal);
    return [1, 2].map((panel) => annotationsOn(marks, shown(panel)).map(({ id }) => id));
  };
  const own = { builtIn: 1, datasource: { type: "grafana", uid: "-- Grafana --" } };
  expect(await shownOn(own)).toEqual([[2], [1, 2]]);
  expect(await shownOn({ ...own, target: { type: "tags", tags: ["x"] } })).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("a message says that there may be more marks than the limit", async () => {
  answering([{ id: 1, time: 5 }]);
  const own = { builtIn: 1, datasource: { type: "grafana", uid: "-- Grafana --" } };
  const noticeOf = async (limit: number) =>
    (await requestOf({ ...own, target: { type: "dashboard", limit } }).run(range, new AbortController().signal)).notice;
  expect([await noticeOf(1), await noticeOf(2)]).toEqual([expect.stringContaining("more than these 1"), undefined]);
});

test("the error message names a source that does not exist", () => {
  expect(() => requestOf({ datasource: { uid: "gone" } })).toThrow('There is no data source "gone".');
});

test("marks are shown on the panels that their query includes, on all but the excluded ones, or on the panel of the mark", async () => {
  answering([
    { id: 1, time: 5 },
    { id: 2, time: 6, panelId: 2 },
  ]);
  const shownOn = async (filter: object | undefined, more: object = {}) => {
    const own = { builtIn: 1, datasource: { type: "grafana", uid: "-- Grafana --" }, ...more };
    const { marks } = await requestOf({ ...own, filter }).run(range, new AbortController().signal);
    return [1, 2, 3].map((panel) => annotationsOn(marks, shown(panel)).map(({ id }) => id));
  };
  expect(await shownOn(undefined)).toEqual([[1], [1, 2], [1]]);
  expect(await shownOn({ exclude: false, ids: [1, 2] })).toEqual([[1], [1, 2], []]);
  expect(await shownOn({ exclude: true, ids: [2] })).toEqual([[1], [], [1]]);
  expect(await shownOn({ exclude: false, ids: [] })).toEqual([[], [], []]);
  const tagged = { target: { type: "tags", tags: ["x"] } };
  expect(await shownOn({ exclude: false, ids: [1, 2] }, tagged)).toEqual([[1, 2], [1, 2], []]);
});

test("a mark that two queries find is shown once on a panel", () => {
  const mark = (id: number | undefined, panel?: number): DashboardAnnotation => ({
    time: 1,
    title: "",
    text: "",
    tags: [],
    color: "red",
    ...(id === undefined ? {} : { id }),
    shownOn: panel === undefined ? undefined : (shownPanel) => shownPanel.panel.id === panel,
  });
  const all = [mark(1, 2), mark(undefined), mark(1), mark(undefined), mark(1, 1)];
  expect(annotationsOn(all, shown(1)).map(({ id }) => id)).toEqual([undefined, 1, undefined]);
  expect(annotationsOn(all.slice(0, 2), shown(2))).toHaveLength(2);
});

interface MarksProps {
  readonly request: AnnotationRequest;
  readonly to: number;
  readonly now: number;
  readonly isReady?: boolean;
  readonly onDraw: (data: AnnotationData, renew: () => Promise<void>) => void;
}

function Marks({ request, to, now, isReady = true, onDraw }: MarksProps): null {
  const client = useQueryClient();
  const requests = useMemo(() => [{ name: "own", request: isReady ? request : undefined }], [request, isReady]);
  const marksOf = useMarks({ key: "marks", requests, isReady, range: { from: 0, to }, now });
  onDraw(marksOf("own"), () => client.invalidateQueries({ queryKey: ["marks"] }));
  return null;
}

/** Returns an open dashboard that requests annotations. The test sends the responses. */
function fakeMarks() {
  const page = new DrawnPage();
  const requests: { key: string; to: number; signal: AbortSignal; answer: (marks?: MarkAnswer) => Promise<void> }[] =
    [];
  const drawn: { data?: AnnotationData; renew?: () => Promise<void> } = {};
  const propsOf = (key: string, to: number, now = 0): MarksProps => {
    const run: AnnotationRequest["run"] = (range, signal) =>
      new Promise((resolve, reject) => {
        const answer = async (marks?: MarkAnswer): Promise<void> => {
          if (marks === undefined) reject(new Error("no answer"));
          else resolve(marks);
          await page.settle();
        };
        requests.push({ key, to: range.to, signal, answer });
      });
    const onDraw: MarksProps["onDraw"] = (data, renew) => void Object.assign(drawn, { data, renew });
    return { request: { key, run }, to, now, onDraw };
  };
  const request = (...args: Parameters<typeof propsOf>): Promise<void> =>
    page.draw(createElement(Marks, propsOf(...args)));
  return { page, requests, drawn, propsOf, request };
}

const none: MarkAnswer = { marks: [] };

test("a newer range waits for the running request, and a different query or a change of marks aborts it", async () => {
  const { page, requests, drawn, request } = fakeMarks();
  await request("a", 1);
  await request("a", 2);
  await request("a", 3);
  expect(requests.map(({ to }) => to)).toEqual([1]);
  await requests[0]!.answer(none);
  expect(requests.map(({ to }) => to)).toEqual([1, 3]);
  void drawn.renew!();
  await page.settle();
  expect(requests.map(({ to }) => to)).toEqual([1, 3, 3]);
  await request("b", 3);
  expect(requests.map(({ key, signal }) => [key, signal.aborted])).toEqual([
    ["a", false],
    ["a", true],
    ["a", true],
    ["b", false],
  ]);
  await requests[3]!.answer(none);
  expect(drawn.data).toMatchObject({ marks: [], isLoading: false, error: undefined });
  await page.close();
});

test("a request continues while the values of variables load, and a newer range is requested when they are loaded", async () => {
  const { page, requests, propsOf } = fakeMarks();
  const first = propsOf("a", 1);
  const draw = (props: Partial<MarksProps>): Promise<void> => page.draw(createElement(Marks, { ...first, ...props }));
  await draw({});
  await draw({ to: 2, isReady: false });
  expect(requests.map(({ signal }) => signal.aborted)).toEqual([false]);
  await requests[0]!.answer(none);
  expect(requests.map(({ to }) => to)).toEqual([1]);
  await draw({ to: 2 });
  expect(requests.map(({ to }) => to)).toEqual([1, 2]);
  await page.close();
});

test("a refresh repeats the request for a fixed range", async () => {
  const { page, requests, request } = fakeMarks();
  await request("a", 1, 10);
  await request("a", 1, 10);
  await requests[0]!.answer(none);
  await request("a", 1, 10);
  expect(requests).toHaveLength(1);
  await request("a", 1, 20);
  expect(requests).toHaveLength(2);
  await page.close();
});

test("a waiting range is dropped if the running one is requested again", async () => {
  const { page, requests, request } = fakeMarks();
  for (const to of [1, 2, 1]) await request("a", to);
  await requests[0]!.answer(none);
  expect(requests.map(({ to }) => to)).toEqual([1]);
  await page.close();
});

test("old marks stay while newer ones are requested, and if their request fails", async () => {
  const { page, requests, drawn, request } = fakeMarks();
  const marks = [{ time: 1, title: "", text: "", tags: [], color: "red", shownOn: undefined }];
  await request("a", 1);
  await requests[0]!.answer({ marks });
  await request("b", 1);
  expect(drawn.data).toMatchObject({ marks, isLoading: true });
  await requests[1]!.answer();
  expect(drawn.data).toMatchObject({ marks, isLoading: false, error: "no answer" });
  await page.close();
});

test("two pages request the same marks, each for its own range", async () => {
  const { page, requests, propsOf } = fakeMarks();
  const pages = [1, 2].map((to) => createElement(Marks, { ...propsOf("a", to), key: to }));
  await page.draw(createElement(Fragment, null, pages));
  expect(requests.map(({ to }) => to)).toEqual([1, 2]);
  for (const one of requests.slice(0, 2)) await one.answer(none);
  expect(requests).toHaveLength(2);
  await page.close();
});
