import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { expectLight, firstVisit, remoteHost } from "../support/headless-browser.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { scrapesItself, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const stage = useStage(async (stage) => {
  stage.workplace.write(
    "rules.yml",
    "groups:\n- name: demo\n  rules:\n  - alert: AlwaysOn\n    expr: vector(1)\n    annotations: {summary: it is on}\n  - record: up:count\n    expr: count(up)\n",
  );
  const base = await stage.server(scrapesItself);
  await untilQuery(base, "ALERTS{alertstate='firing'}", (result) => result.length === 1);
  await untilQuery(base, "count_over_time(up[1m]) > 5", (result) => result.length === 1);
  return base;
});

test.skipIf(absent)("a first visit to the query page makes few requests for compressed files", async () => {
  expectLight(await firstVisit(stage.browser, `${stage.base}/query`));
});

test.skipIf(absent)(
  "the files of a first visit to the query page ask the browser to compile them as a whole",
  async () => {
    const html = await (await fetch(`${stage.base}/query`)).text();
    const files = new Set(html.match(/assets\/(?:index|QueryPage|shared|editor)-[\w-]+\.js/g));
    expect(files.size).toBe(4);
    for (const file of files)
      expect(await (await fetch(`${stage.base}/${file}`)).text(), file).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/);
  },
);

test.skipIf(absent)("a first visit over plain HTTP, with gzip, costs no more", async () => {
  const visit = await firstVisit(stage.browser, `${stage.base.replace("127.0.0.1", remoteHost)}/query`);
  expect(visit.encodings).toEqual(new Set(["gzip"]));
  expectLight(visit);
});

test.skipIf(absent)("a user types a query, sees a table, then a graph with a line", async () => {
  const { page, errors } = await stage.open("/");
  await page.waitForURL("**/query**");
  const editor = page.getByRole("textbox", { name: "PromQL expression" });
  await editor.click();
  await page.keyboard.type("process_resident_memory_bytes");
  // Escape closes the list of completions.
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Execute" }).click();
  await page.getByRole("tab", { name: "Table" }).waitFor();
  await page
    .getByText(/instance="127\.0\.0\.1:\d+"|process_resident_memory_bytes\{/)
    .first()
    .waitFor();
  await page.getByRole("tab", { name: "Graph" }).click();
  const graph = page.getByTestId("graph");
  // The first sample of a server that has just started may be newer than the last step of the graph. The query is then
  // run again.
  await eventually("a sample lies on a step of the graph", async () => {
    if (await graph.isVisible()) return;
    const answered = page.waitForResponse(/\/api\/v1\/query_range/);
    await page.getByRole("button", { name: "Execute" }).click();
    await answered;
    expect(await graph.isVisible()).toBe(true);
  });
  // The server started some seconds ago, so a short range is enough to show its samples.
  await chooseRange(page, "now-30s");
  await page.waitForFunction(
    () =>
      (
        globalThis as unknown as {
          document: { querySelector(s: string): { getAttribute(n: string): string | null } | null };
        }
      ).document
        .querySelector('[data-testid="graph"]')
        ?.getAttribute("data-series-count") === "1",
  );
  await eventually("the line is drawn", async () => {
    expect(await paintedPixels(page)).toBeGreaterThan(200);
  });
  expect(new URL(page.url()).searchParams.get("g0.expr")).toBe("process_resident_memory_bytes");
  expect(errors).toEqual([]);
  await page.close();
});

/** Chooses a range that ends now in the picker of the first query. */
async function chooseRange(page: Page, from: string): Promise<void> {
  await page.getByRole("button", { name: /^Time range:/ }).click();
  await page.getByRole("textbox", { name: "From" }).fill(from);
  await page.getByRole("textbox", { name: "To" }).fill("now");
  await page.getByRole("button", { name: "Apply time range" }).click();
}

/** Number of pixels in the canvas that are neither empty nor grey, that is, pixels of the line. */
const paintedPixels = (page: Page, plot = "graph"): Promise<number> =>
  page
    .getByTestId(plot)
    .locator("canvas")
    .first()
    .evaluate((node) => {
      const canvas = node as unknown as {
        width: number;
        height: number;
        getContext(kind: string): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
        };
      };
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let painted = 0;
      for (let i = 0; i < data.length; i += 4) {
        const spread = Math.max(data[i]!, data[i + 1]!, data[i + 2]!) - Math.min(data[i]!, data[i + 1]!, data[i + 2]!);
        if (data[i + 3]! > 100 && spread > 40) painted++;
      }
      return painted;
    });

test.skipIf(absent)("an unknown path gets a page with status 404 and links to the pages", async () => {
  const page = await stage.browser.newPage();
  const answer = await page.goto(`${stage.base}/no/where`);
  expect(answer?.status()).toBe(404);
  await page.getByRole("heading", { name: "Page not found" }).waitFor();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Target health" }).click();
  await page.waitForURL(`${stage.base}/targets`);
  await page.getByRole("heading", { name: "Target health" }).waitFor();
  const plain = await fetch(`${stage.base}/no/where`);
  expect([plain.status, await plain.text()]).toEqual([404, "404 page not found\n"]);
  await page.close();
});

test.skipIf(absent)("/graph?g0.expr=… opens its query, as links in old notifications need", async () => {
  const { page, errors } = await stage.open("/graph?g0.expr=up&g0.tab=1");
  await page.waitForURL("**/query?**");
  await page.getByText(/up\{/).first().waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "the tree of an expression selects the part for the table, and links contain the selection",
  async () => {
    // An expression whose value does not change if a busy machine makes the target miss a scrape.
    const expression = "sum(up >= bool 0) + count(up > 1)";
    const { page, errors } = await stage.open(`/query?g0.expr=${encodeURIComponent(expression)}&g0.tab=table`);
    await page.getByText("Empty query result").waitFor();
    await page.getByRole("button", { name: "Query options" }).click();
    await page.getByRole("menuitem", { name: "Show tree view" }).click();
    await page.waitForURL(/g0\.show_tree=1/);
    await page.getByRole("button", { name: /^sum\(up >= bool 0\)\s*1 result/ }).click();
    await page.getByRole("table", { name: "Query result" }).getByRole("cell", { name: "1", exact: true }).waitFor();
    await page.getByRole("tab", { name: "Explain" }).click();
    await page.getByText("Adds up the values of each group.").waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);

/** Returns the error marks in the editor: underlined letters, or a point between letters. */
const mistakes = (page: Page): ReturnType<Page["locator"]> => page.locator(".cm-lintRange-error, .cm-lintPoint-error");

test.skipIf(absent)(
  "a mistake in an expression is marked before the user types, and a valid expression has no mark",
  async () => {
    const { page, errors } = await stage.open(`/query?g0.expr=${encodeURIComponent("sum(up) +")}&g0.tab=table`);
    await mistakes(page).first().waitFor({ state: "attached" });
    await page.goto(`${stage.base}/query?g0.expr=${encodeURIComponent("sum(up)")}&g0.tab=table`);
    await page.getByRole("table", { name: "Query result" }).waitFor();
    expect(await mistakes(page).count()).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("the list of completions does not cover the expression", async () => {
  const { page, errors } = await stage.open("/query");
  await page.setViewportSize({ width: 390, height: 844 });
  const editor = page.getByRole("textbox", { name: "PromQL expression" });
  await editor.click();
  await page.keyboard.type("sum() + avg(process_resident_memory_bytes) + avg(process_resident_memory_bytes)");
  await page.keyboard.press("Escape");
  // Without an open list, Escape leaves the field.
  await editor.focus();
  await page.keyboard.press("ControlOrMeta+Home");
  for (const _ of "sum(") await page.keyboard.press("ArrowRight");
  await page.keyboard.type("ra");
  const list = page.getByRole("listbox");
  // The code of the list is loaded at the first key. Keys that are pressed until then open no list, so the last one is
  // repeated.
  await eventually("the list is open", async () => {
    try {
      await list.waitFor({ timeout: 2000 });
    } catch (error) {
      await page.keyboard.press("Backspace");
      await page.keyboard.type("a");
      throw error;
    }
  });
  await eventually("the list stands below the last row", async () => {
    const [text, box] = [await page.locator(".cm-content .cm-line").last().boundingBox(), await list.boundingBox()];
    expect(text!.height).toBeGreaterThan(40);
    expect(box!.y).toBeGreaterThanOrEqual(text!.y + text!.height - 2);
  });
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("histograms are drawn as a heatmap, and the link contains this", async () => {
  const expr = encodeURIComponent("prometheus_http_request_duration_seconds_bucket");
  const { page, errors } = await stage.open(`/query?g0.expr=${expr}&g0.tab=graph&g0.range_input=1m`);
  await page.getByText("Heatmap", { exact: true }).click();
  await page.waitForURL(/g0\.display_mode=heatmap/);
  const heatmap = page.getByTestId("heatmap");
  await heatmap.locator("canvas").waitFor();
  expect(Number(await heatmap.getAttribute("data-bucket-count"))).toBeGreaterThan(0);
  await eventually("cells are drawn", async () => {
    expect(await paintedPixels(page, "heatmap")).toBeGreaterThan(200);
  });
  await page.getByLabel("Exemplars").check();
  await page.waitForURL(/g0\.show_exemplars=1/);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("native histograms are drawn as a heatmap with a row for each of their buckets", async () => {
  const page = await stage.browser.newPage();
  const histogram = (time: number) => ({
    count: "9",
    sum: "5",
    buckets: [
      [3, "-0.001", "0.001", "1"],
      [0, "0.5", "0.7071067811865475", "2"],
      [0, "0.7071067811865475", "1", time % 2 === 0 ? "6" : "3"],
    ],
  });
  await page.route("**/api/v1/query_range?**", (route) => {
    const params = new URL(route.request().url()).searchParams;
    const [start, end, step] = ["start", "end", "step"].map((name) => Number(params.get(name)));
    const times = Array.from({ length: Math.floor((end! - start!) / step!) + 1 }, (_, at) => start! + at * step!);
    const histograms = times.map((time) => [time, histogram(Math.floor(time))]);
    const result = [{ metric: { __name__: "latency" }, histograms }];
    return route.fulfill({ json: { status: "success", data: { resultType: "matrix", result } } });
  });
  await page.goto(`${stage.base}/query?g0.expr=latency&g0.tab=graph&g0.range_input=1m&g0.display_mode=heatmap`);
  await page.locator('[data-testid="heatmap"][data-bucket-count="3"] canvas').waitFor();
  await eventually("cells are drawn", async () => {
    expect(await paintedPixels(page, "heatmap")).toBeGreaterThan(200);
  });
  await page.close();
});

test.skipIf(absent)("Explain shows which series of a binary operation match", async () => {
  const expr = encodeURIComponent("up / on (job) scrape_duration_seconds");
  const { page, errors } = await stage.open(`/query?g0.expr=${expr}&g0.tab=explain`);
  const matching = page.getByRole("table", { name: "Matching of both sides" });
  await matching.getByText("matched", { exact: true }).waitFor();
  expect(await matching.getByText('job="self"').count()).toBe(1);
  expect(await matching.getByText('instance="127.0.0.1').count()).toBe(2);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "a selected refresh interval is kept, and the query page refreshes only with an interval",
  async () => {
    const { page, errors } = await stage.open("/targets");
    const interval = page.getByRole("combobox", { name: "Refresh interval" });
    expect(await interval.inputValue()).toBe("auto");
    await interval.selectOption("off");
    await page.goto(`${stage.base}/rules`);
    await page.getByText("up:count").first().waitFor();
    expect(await interval.inputValue()).toBe("off");
    const rulesRequest = page.waitForRequest((request) => request.url().includes("/api/v1/rules"));
    await page.getByRole("button", { name: "Refresh now" }).click();
    await rulesRequest;
    await page.goto(`${stage.base}/query?g0.expr=up&g0.tab=table`);
    await page.getByRole("table", { name: "Query result" }).waitFor();
    expect(await interval.inputValue()).toBe("");
    const queryRequest = page.waitForRequest((request) => request.url().includes("/api/v1/query"));
    await interval.selectOption("5s");
    await queryRequest;
    expect(errors).toEqual([]);
    await page.close();
  },
);

test.skipIf(absent)("targets, alerts and rules show the server's state", async () => {
  const { page, errors } = await stage.open("/targets");
  await page.getByText(`${stage.base}/metrics`).first().waitFor();
  await page.goto(`${stage.base}/alerts`);
  await page.getByText("AlwaysOn").first().waitFor();
  await page.goto(`${stage.base}/rules`);
  await page.getByText("up:count").first().waitFor();
  await page.goto(`${stage.base}/status`);
  await page.getByText("3.14.0").first().waitFor();
  await page.goto(`${stage.base}/config`);
  await page.getByText("job_name").first().waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("every page fits a phone without scrolling sideways", async () => {
  const page = await stage.browser.newPage({ viewport: { width: 390, height: 844 } });
  for (const path of [
    "/query",
    "/alerts",
    "/rules",
    "/targets",
    "/status",
    "/tsdb-status",
    "/flags",
    "/config",
    "/service-discovery",
  ]) {
    await page.goto(stage.base + path);
    await page.waitForLoadState("networkidle");
    const [wide, view] = await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { documentElement: { scrollWidth: number; clientWidth: number } };
      };
      return [document.documentElement.scrollWidth, document.documentElement.clientWidth] as const;
    });
    expect(wide, path).toBeLessThanOrEqual(view);
  }
  await page.close();
});
