import {
  type Frame,
  type FrameAnswer,
  FRAMES_MEDIA_TYPE,
  type Lookup,
  readSource,
  type SourceListing,
} from "@narthex/dashboards";
import { writeFrames } from "@narthex/dashboards/testing";
import { QueryClient } from "@tanstack/react-query";
import { createElement } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import type { Rule } from "../../../api/rule-data.ts";
import type { LabelSet } from "../../../format/series-name.ts";
import { alertMarks, type MarkContext, rulesOnPlots, silenceMarks } from "./alert-marks.ts";
import { type FetchedSilence, alertsQuery, knownRules } from "./fetch-alerts.ts";
import { type ActiveAlert, activeAlerts } from "./active-alerts.ts";
import { valueTest } from "./label-tests.ts";
import { alertMarksRequest } from "./page-alerts.ts";
import { concerns, SeriesLabels, type WatchedPlot } from "./plot-alerts.ts";
import { managerOf, plotServers, panelsOverTime } from "./panel-servers.ts";
import { type MarkKind, useAlertMarks, type WatchedPage } from "./use-alert-marks.ts";
import { testSource } from "../../testing/test-source.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const rule = (name: string, query: string, more: Partial<Rule> = {}): Rule =>
  ({ type: "alerting", name, query, alerts: [], health: "ok", ...more }) as Rule;

const series = (...all: readonly LabelSet[]): readonly Frame[] =>
  all.map((labels) => ({
    length: 0,
    fields: [
      { name: "Time", type: "time", values: new Float64Array(), config: {} },
      { name: "Value", type: "number", labels, values: new Float64Array(), config: {} },
    ],
  }));

/** Reports whether an alert of the first rule is marked on a plot. */
function isConcerned(
  rules: readonly Rule[],
  labels: LabelSet,
  expressions: readonly string[],
  frames = series(),
): boolean {
  const known = knownRules(rules);
  return concerns(known.rules[0]!, labels, plotOf(known, expressions, frames));
}

function plotOf(known: ReturnType<typeof knownRules>, expressions: readonly string[], frames = series()): WatchedPlot {
  const metrics = new Map(
    expressions.flatMap((one) => known.metrics.of(one)).map((read) => [read.metric, [read]] as const),
  );
  return { dashboardUid: "dash", panelId: 7, metrics, series: new SeriesLabels(frames) };
}

const errors = rule("Errors", 'sum by (job) (rate(http_total{code=~"5.."}[5m])) > 1', { labels: { severity: "page" } });
const recorded = { type: "recording", name: "job:http:rate", query: "sum by (job) (rate(http_total[5m]))" } as Rule;

test.each<[string, boolean, string[], (readonly Frame[])?]>([
  ["reads the same metric", true, ["rate(http_total[1m])"]],
  ["reads another", false, ["rate(grpc_total[1m])"]],
  ["leaves out the alert's job", false, ['http_total{job!="api"}']],
  ["is of the alert's job", true, ['http_total{job=~"api|db"}']],
  ["is of another severity, which is the rule's own word", true, ['http_total{severity="none"}']],
  ["shows what the rule leaves out", false, ['http_total{code="200"}']],
  ["shows what the rule is about", true, ['http_total{code="503"}']],
  ["has series of other jobs alone", false, ["http_total"], series({ job: "db" }, { job: "web" })],
  ["has a series of the job", true, ["http_total"], series({ job: "db" }, { job: "api" })],
  ["has series without a job", true, ["http_total"], series({}, { job: "db" })],
  ["names a recording of the metric", true, ["job:http:rate"]],
  ["names a recording, of another job", false, ['job:http:rate{job="db"}']],
])("an alert concerns a plot that %s: %s", (_, is, expressions, frames) => {
  const labels = { alertname: "Errors", job: "api", severity: "page" };
  expect(isConcerned([errors, recorded], labels, expressions, frames)).toBe(is);
});

test("an alert on a recording rule concerns plots of the rule's source metrics, and an alert that names a panel concerns that panel", () => {
  const onRecorded = rule("Rate", "job:http:rate > 5");
  expect(isConcerned([onRecorded, recorded], { alertname: "Rate" }, ["http_total"])).toBe(true);
  const circle = { type: "recording", name: "a", query: "a + b" } as Rule;
  expect(isConcerned([rule("A", "a > 1"), circle], {}, ["b"])).toBe(true);
  const linked = (panel: string) =>
    isConcerned([rule("L", "x", { annotations: { __dashboardUid__: "dash", __panelId__: panel } })], {}, []);
  expect([linked("7"), linked("8")]).toEqual([true, false]);
});

test("the rules of a page are those whose alerts may be marked on one of its plots", () => {
  const known = knownRules([errors, rule("Other", "up == 0"), recorded]);
  const plots = [plotOf(known, ["http_total"]), plotOf(known, ["node_load1"])];
  expect(rulesOnPlots(known.rules, plots).map(({ name }) => name)).toEqual(["Errors"]);
});

test("an alert that is active at consecutive steps has one time range, which is cut at the ends of the requested range", () => {
  const [times, values] = [
    [1000, 1010, 1020, 1060, 1090, 1100],
    [1, 1, 1, 1, 1, 1],
  ];
  const frame = (labels: LabelSet): Frame => ({
    length: 6,
    fields: [
      { name: "Time", type: "time", values: Float64Array.from(times), config: {} },
      {
        name: "Value",
        type: "number",
        labels,
        values: Float64Array.from(values),
        nulls: Uint8Array.of(0, 0, 0, 0, 0, 0),
        config: {},
      },
    ],
  });
  const labels = { __name__: "ALERTS", alertstate: "firing", alertname: "A" };
  expect(activeAlerts([frame(labels)], { from: 995, to: 1105 }, 10)).toEqual([
    {
      labels: { alertname: "A" },
      isPending: false,
      times: [
        { from: 995, to: 1020, isCut: true, isOngoing: false },
        { from: 1050, to: 1060, isCut: false, isOngoing: false },
        { from: 1080, to: 1105, isCut: false, isOngoing: true },
      ],
    },
  ]);
});

test("a query escapes the names of alerts, and does not select by name if there are too many", () => {
  expect(alertsQuery("firing", ['A.b "c"', "D"], "15s")).toContain(String.raw`alertname=~"A\\.b \"c\"|D"`);
  expect(
    alertsQuery(
      "pending",
      Array.from({ length: 500 }, (_, at) => `A${at}`),
      "15s",
    ),
  ).not.toContain("alertname");
});

const source = (uid: string, type: string, more: Partial<SourceListing> = {}): SourceListing =>
  testSource({ uid, type, isDefault: uid === "main", ...more });

const noNames: Lookup = () => undefined;
const { dashboard } = readSource({
  schemaVersion: 41,
  panels: [
    { id: 1, type: "timeseries", datasource: { uid: "main" }, targets: [{ refId: "A", expr: "http_total" }] },
    { id: 2, type: "stat", datasource: { uid: "second" }, targets: [{ refId: "A", expr: "up" }] },
    {
      id: 3,
      type: "row",
      collapsed: true,
      panels: [{ id: 4, type: "heatmap", datasource: { uid: "td" }, targets: [{ refId: "A" }] }],
    },
  ],
});
const [panel] = dashboard.panels;
const sources = [
  source("main", "prometheus", { alertmanagerUid: "two" }),
  source("td", "testdata"),
  source("second", "prometheus"),
  source("one", "alertmanager"),
  source("two", "alertmanager"),
];

test("the servers of a page are those that its time series panels query, and its Alertmanager is the configured one or the first", () => {
  expect(panelsOverTime(dashboard.panels).map(({ id }) => id)).toEqual([1, 4]);
  const servers = plotServers(dashboard.panels, sources, noNames);
  expect(servers.map(({ uid }) => uid)).toEqual(["main"]);
  expect(managerOf(servers[0], sources)?.uid).toBe("two");
  expect(managerOf(sources[2], sources)?.uid).toBe("one");
  expect(managerOf(sources[0], sources.slice(0, 3))).toBeUndefined();
});

const range = { from: 1000, to: 2000 };
const silenceOf = (matchers: FetchedSilence["matchers"], more: Partial<FetchedSilence> = {}): FetchedSilence => ({
  id: "s",
  state: "active",
  matchers,
  createdBy: "me",
  comment: "",
  startsAt: 900,
  endsAt: 1500,
  href: "/sources/two/silences/s",
  tests: matchers.map((matcher) => ({
    label: matcher.name,
    test: valueTest(matcher)!,
    isNegated: matcher.operator.startsWith("!"),
  })),
  ...more,
});

function marked(active: readonly ActiveAlert[], fetched: readonly FetchedSilence[], frames = series()) {
  const known = knownRules([errors, rule("Slow", "http_seconds > 1"), recorded]);
  const surround: MarkContext = {
    range,
    scheme: "light",
    manager: source("two", "alertmanager"),
    plotOf: () => plotOf(known, ["http_total"], frames),
  };
  const server = { source: sources[0]!, known, alerts: active, isCut: false, pendingError: undefined };
  const shown = { panel: panel!, lookup: noNames, frames };
  const on = ({ marks }: ReturnType<typeof alertMarks>) => marks.filter(({ shownOn }) => shownOn?.(shown));
  return {
    alerts: on(alertMarks([server], fetched, surround)),
    silences: on(silenceMarks([server], fetched, surround)),
  };
}

const firingTime = (from: number, to: number) => ({ from, to, isCut: false, isOngoing: false });
const fired = (alertname: string, labels: LabelSet = {}, count = 1): ActiveAlert => ({
  labels: { alertname, ...labels },
  isPending: false,
  times: Array.from({ length: count }, (_, at) => firingTime(1100 + at, 1100.5 + at)),
});
const page = { severity: "page", job: "api" };

test("the mark of an alert lists the silences that were active, and none if the rule of the alert does not exist any more", () => {
  const fetched = [
    silenceOf([{ name: "job", operator: "=", value: "api" }]),
    silenceOf([{ name: "job", operator: "=", value: "api" }], { id: "later", startsAt: 1600, endsAt: 1900 }),
  ];
  const { alerts } = marked([fired("Errors", page), fired("Gone"), fired("Slow")], fetched);
  expect(alerts.map(({ alert }) => [alert?.name, alert?.silences.map(({ id }) => id)])).toEqual([["Errors", ["s"]]]);
  expect(alerts[0]).toMatchObject({
    time: 1100,
    timeEnd: 1100.5,
    alert: { managerUid: "two", href: "/sources/main/alerts?search=Errors" },
  });
});

test("a silence is marked on plots where it silenced a firing alert, or where it matches a rule and the plot's series", () => {
  const drawn = (
    matchers: FetchedSilence["matchers"],
    active: readonly ActiveAlert[] = [],
    more = {},
    frames = series(),
  ) => marked(active, [silenceOf(matchers, more)], frames).silences.length;
  const job = { name: "job", operator: "=", value: "api" } as const;
  const named = { name: "alertname", operator: "=~", value: "Err.*" } as const;
  expect(drawn([job], [fired("Errors", page)])).toBe(1);
  expect(drawn([job], [fired("Slow", page)])).toBe(0);
  expect(drawn([job])).toBe(0);
  expect(drawn([named])).toBe(1);
  expect(drawn([{ name: "alertname", operator: "!=", value: "Slow" }])).toBe(0);
  expect(drawn([named, job], [], {}, series({ job: "api" }, { job: "db" }))).toBe(1);
  expect(drawn([named, job], [], {}, series({ job: "db" }))).toBe(0);
  expect(drawn([named, { name: "severity", operator: "=", value: "info" }])).toBe(0);
  expect(drawn([named], [], { state: "pending", startsAt: 1900, endsAt: 2500 })).toBe(0);
  expect(drawn([named], [], { startsAt: 100, endsAt: 1000 })).toBe(0);
});

test("the number of marks is limited, and the newest stay", () => {
  const { alerts } = marked([fired("Errors", page, 500)], []);
  expect(alerts).toHaveLength(300);
  expect(Math.min(...alerts.map(({ time }) => time))).toBe(1300);
});

test("a limited list of marks is reported as incomplete, and silences are limited before their marks are made", () => {
  const known = knownRules([errors]);
  const alerts = [fired("Errors", page, 500)];
  const server = { source: sources[0]!, known, alerts, isCut: false, pendingError: undefined };
  const surround: MarkContext = { range, scheme: "light", manager: undefined, plotOf: () => plotOf(known, []) };
  expect(alertMarks([server], [], surround)).toMatchObject({ isCut: true });
  let tested = 0;
  const job = { name: "job", operator: "=", value: "api" } as const;
  const all = Array.from({ length: 2000 }, (_, at) =>
    silenceOf([job], {
      id: `${at}`,
      endsAt: 1001 + at,
      tests: [{ label: "job", isNegated: false, test: () => (tested++, true) }],
    }),
  );
  const { marks, isCut } = silenceMarks([server], all, surround);
  expect([marks.length, isCut, marks[0]!.timeEnd]).toEqual([300, true, 3000]);
  expect(tested).toBe(300);
});

test("pending alerts are marked like firing ones, in a different colour", () => {
  const waiting = { ...fired("Errors", page), isPending: true };
  const { alerts } = marked([fired("Errors", page), waiting], []);
  expect(alerts.map(({ alert }) => alert?.isPending)).toEqual([false, true]);
  expect(alerts[0]!.color).not.toBe(alerts[1]!.color);
});

test("if marks are left out, those of pending alerts are left out before those of firing alerts", () => {
  const { alerts } = marked([{ ...fired("Errors", page, 500), isPending: true }, fired("Errors", page)], []);
  expect(alerts).toHaveLength(300);
  expect(alerts.filter(({ alert }) => alert?.isPending === false)).toHaveLength(1);
});

type Switches = ReturnType<typeof useAlertMarks>;

interface WatchedProps {
  readonly to: number;
  readonly now: number;
  readonly from: number;
  readonly onDraw: (switches: Switches) => void;
}

function Watched({ from, to, now, onDraw }: WatchedProps): null {
  onDraw(
    useAlertMarks({ dashboard, sources, lookup: noNames, isReady: true, range: { from, to }, now, scheme: "light" }),
  );
  return null;
}

/** Returns an open dashboard on which alerts and silences are marked. */
function watchedPage() {
  const drawn = new DrawnPage();
  let switches: Switches = [];
  const onDraw = (next: Switches): void => void (switches = next);
  return {
    drawn,
    update: (from: number, to: number, now: number) => drawn.draw(createElement(Watched, { from, to, now, onDraw })),
    data: (name: "Alerts" | "Silences") => switches.find((one) => one.name === name)!,
  };
}

/** Returns an open dashboard on which alerts and silences are marked. The test sends the responses to its requests. */
function answeredPage() {
  const requests: { readonly path: string; readonly signal: AbortSignal; answer: (data: unknown) => void }[] = [];
  const page = watchedPage();
  vi.stubGlobal(
    "fetch",
    (url: string, { signal }: RequestInit) =>
      new Promise<Response>((resolve) => {
        const path = url.replace(/^.*\/api\/(?:datasources\/proxy\/uid\/\w+\/)?/, "");
        requests.push({ path, signal: signal!, answer: (data) => resolve(Response.json(data)) });
      }),
  );
  const sent = (count: number) => page.drawn.until(() => expect(requests).toHaveLength(count));
  const answer = async (path: string, data: unknown): Promise<void> => {
    for (const one of requests) if (one.path.includes(path)) one.answer(data);
    await page.drawn.settle();
  };
  return { ...page, requests, sent, answer };
}

test("silences are requested once while the range changes", async () => {
  const { drawn, update, data, requests, sent, answer } = answeredPage();
  for (const to of [2000, 3000, 4000]) {
    await update(1000, to, to);
    await sent(2);
    await answer("rules", { status: "success", data: { groups: [] } });
    await answer("silences", []);
  }
  expect(requests.map(({ path }) => /rules|silences/.exec(path)?.[0])).toEqual(["rules", "silences"]);
  expect(data("Alerts")).toMatchObject({ marks: [], isLoading: false, error: undefined });
  await drawn.close();
});

test("closing the page aborts its requests", async () => {
  const { drawn, update, requests, sent, answer } = answeredPage();
  await update(1000, 2000, 2000);
  await sent(2);
  await answer("rules", { status: "success", data: { groups: [{ rules: [errors] }] } });
  await sent(3);
  const open = requests.filter(({ path }) => !path.includes("rules"));
  expect(open.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  await drawn.close();
  expect(open.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});

test("requests that the marks of alerts and silences share are aborted when neither needs them", async () => {
  const signals: AbortSignal[] = [];
  vi.stubGlobal("fetch", (_url: string, { signal }: RequestInit) => {
    signals.push(signal!);
    return new Promise<Response>(() => undefined);
  });
  const client = new QueryClient();
  const kinds = ["alerts", "silences"] as const;
  const servers = [sources[0]!];
  const page: WatchedPage = {
    dashboard,
    sources,
    lookup: noNames,
    scheme: "light",
    servers,
    manager: sources[4]!,
    shown: new Set(kinds),
  };
  const controls = kinds.map((kind) => {
    const request = alertMarksRequest(client, kind, page, 2000);
    if (typeof request === "string") throw new Error(request);
    const control = new AbortController();
    void request.run({ from: 1000, to: 2000 }, control.signal).catch(() => undefined);
    return control;
  });
  await vi.waitFor(() => expect(signals).toHaveLength(2));
  controls[0]!.abort();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  controls[1]!.abort();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test("an error says that the queries of the panels cannot be read", () => {
  const lookup: Lookup = () => {
    throw new RangeError("Invalid array length");
  };
  const targets = [{ refId: "A", expr: "$a", datasource: { uid: "$a" } }];
  const broken = readSource({ panels: [{ id: 1, type: "timeseries", targets }] }).dashboard;
  const surround = { servers: [sources[0]!], manager: sources[4]!, shown: new Set<MarkKind>(["alerts", "silences"]) };
  const watched: WatchedPage = { dashboard: broken, sources, lookup, scheme: "light", ...surround };
  expect(alertMarksRequest(new QueryClient(), "alerts", watched, 2000)).toBe(
    "The queries of the panels could not be read: Invalid array length",
  );
});

/** Returns a function that refreshes a dashboard with a fake server, and the list of the server's requests. */
function refreshed(answers: ReadonlyMap<string, FrameAnswer>, silencesStatus = 200) {
  const requests: string[] = [];
  const ends: string[] = [];
  vi.stubGlobal("fetch", async (url: string, { body }: RequestInit) => {
    requests.push(/rules|silences|query/.exec(url)![0]);
    if (url.includes("rules")) return Response.json({ status: "success", data: { groups: [{ rules: [errors] }] } });
    if (url.includes("silences")) return Response.json([], { status: silencesStatus });
    ends.push((JSON.parse(body as string) as { to: string }).to);
    return new Response(writeFrames(answers), { headers: { "content-type": FRAMES_MEDIA_TYPE } });
  });
  const { drawn, update, data } = watchedPage();
  const refresh = async (to: number, now: number): Promise<void> => {
    await update(1_000_000, to, now);
    await drawn.until(() => {
      expect(requests).toContain("query");
      expect(data("Alerts").isLoading || data("Silences").isLoading).toBe(false);
    });
  };
  return { drawn, data, requests, ends, refresh };
}

test("a refresh requests alerts again only if the range extends beyond the last response", async () => {
  const { drawn, ends, refresh } = refreshed(new Map());
  for (const now of [2_000_000, 3_000_000]) await refresh(9_000_000, now);
  for (const now of [4_000_000, 5_000_000]) await refresh(1_500_000, now);
  expect(ends).toEqual(["2000000", "3000000", "1500000"]);
  await drawn.close();
});

test("a refresh requests silences again after five seconds, and rules later", async () => {
  const clock = vi.spyOn(Date, "now").mockReturnValue(1);
  const { drawn, requests, refresh } = refreshed(new Map());
  await refresh(1_500_000, 2_000_000);
  clock.mockReturnValue(5_001);
  await refresh(1_500_000, 2_005_000);
  expect(requests.toSorted()).toEqual(["query", "rules", "silences", "silences"]);
  await drawn.close();
});

test("the alerts say that the silences could not be loaded", async () => {
  const { drawn, data, refresh } = refreshed(new Map(), 502);
  await refresh(1_500_000, 2_000_000);
  expect(data("Alerts").notice).toBe("Silences could not be loaded: HTTP status 502");
  expect(data("Silences").error).toBe("HTTP status 502");
  await drawn.close();
});

test("firing alerts are marked even if the query for pending ones failed, and a refresh repeats that query", async () => {
  const firing: Frame = {
    length: 1,
    fields: [
      { name: "Time", type: "time", values: Float64Array.of(1_200_000), config: {} },
      {
        name: "Value",
        type: "number",
        labels: { ...page, alertname: "Errors", alertstate: "firing" },
        values: Float64Array.of(1),
        config: {},
      },
    ],
  };
  const answers = new Map<string, FrameAnswer>([
    ["firing", { status: 200, frames: [firing] }],
    ["pending", { status: 500, frames: [], error: "too many samples" }],
  ]);
  const { drawn, data, ends, refresh } = refreshed(answers);
  await refresh(1_500_000, 2_000_000);
  expect(data("Alerts")).toMatchObject({
    marks: [{ title: "Errors", alert: { isPending: false } }],
    error: undefined,
    notice: "Pending alerts could not be loaded: too many samples",
  });
  answers.delete("pending");
  await refresh(1_500_000, 2_005_000);
  expect(ends).toHaveLength(2);
  expect(data("Alerts").notice).toBeUndefined();
  await drawn.close();
});
