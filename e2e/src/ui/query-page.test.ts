import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { eventually } from "../support/eventually.ts";
import { untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { scrapesItself, useStage } from "../support/stage.ts";

const absent = lacks("browser");

const stage = useStage(async (stage) => {
  const base = await stage.server((port) => scrapesItself(port, "{mode: idle}"));
  await untilQuery(base, "count_over_time(up[1m]) > 5", (result) => result.length === 1);
  return base;
});

const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name);
const query = (expr: string, more = ""): string => `/query?g0.expr=${encodeURIComponent(expr)}${more}`;

test.skipIf(absent)("a new server is shown over the range of its data, until the user chooses a range", async () => {
  const { page, errors } = await stage.open(query("up", "&g0.tab=graph"));
  const range = page.getByRole("button", { name: /^Time range:/ });
  await page.getByRole("button", { name: /^Time range: Last \d minutes? all data so far$/ }).waitFor();
  await range.click();
  await page
    .getByRole("button", { name: "Last 3 hours" })
    .or(page.getByRole("option", { name: "Last 3 hours" }))
    .click();
  await page.waitForURL(/g0\.range_input=3h/);
  await page.getByRole("button", { name: "Time range: Last 3 hours" }).waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a graph is compared with an earlier period, whose lines are in the legend", async () => {
  const { page, errors } = await stage.open(query("up", "&g0.tab=graph&g0.range_input=30s"));
  await page.getByTestId("graph").waitFor();
  await page.getByRole("button", { name: /^Time range:/ }).click();
  await page.getByRole("combobox", { name: "Compare with" }).selectOption("The previous period");
  await page.waitForURL(/g0\.compare=previous/);
  await page.getByRole("button", { name: /vs previous period/ }).waitFor();
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("$__rate_interval stays in the address, and the query runs with a window", async () => {
  const expr = "rate(prometheus_http_requests_total[$__rate_interval])";
  const { page, errors } = await stage.open("/flags");
  const sent = page.waitForRequest((request) => request.url().includes("/api/v1/query?"));
  await page.goto(stage.base + query(expr, "&g0.tab=table&g0.range_input=1h"));
  expect(new URL((await sent).url()).searchParams.get("query")).toBe("rate(prometheus_http_requests_total[1m])");
  await page.getByRole("table", { name: "Query result" }).waitFor();
  expect(parameter(page, "g0.expr")).toBe(expr);
  expect(await page.locator(".cm-lintRange-error, .cm-lintPoint-error").count()).toBe(0);
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a shared link contains the current times", async () => {
  const { page, errors } = await stage.open(query("up", "&g0.tab=graph"));
  await page.getByRole("button", { name: "Share" }).click();
  const link = page.getByRole("textbox", { name: "Link" });
  expect(await link.inputValue()).toMatch(/g0\.expr=up.*g0\.end_input=\d{4}-/);
  await page.getByRole("switch", { name: "Keep the current times" }).uncheck({ force: true });
  expect(await link.inputValue()).not.toContain("end_input");
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)(
  "a misspelled name is corrected with a click, and the error of a value names the quotes",
  async () => {
    const { page, errors } = await stage.open(query('up{mod="idle"}', "&g0.tab=table"));
    await page.getByRole("button", { name: "Why is it empty?" }).click();
    await page.getByText("the most similar label is mode").waitFor();
    await page.getByRole("button", { name: "Use mode" }).click();
    await page.getByRole("table", { name: "Query result" }).getByText("up{").waitFor();
    expect(parameter(page, "g0.expr")).toBe('up{mode="idle"}');
    expect(errors).toEqual([]);
    await page.close();
    // A refused query is an error in the console of the browser.
    const refused = await stage.browser.newPage();
    await refused.goto(stage.base + query("up{mode=idle}", "&g0.tab=table"));
    await refused.getByText("The value of a label needs quotes").waitFor();
    await refused.locator(".cm-content").click();
    await refused.keyboard.press("End");
    await refused.keyboard.type(" ");
    await refused.getByText("Error of the last run, before the text changed").waitFor();
    await refused.keyboard.press("Backspace");
    await refused.getByRole("button", { name: "Add the quotes" }).click();
    await refused.getByRole("table", { name: "Query result" }).getByText("up{").waitFor();
    expect(parameter(refused, "g0.expr")).toBe('up{mode="idle"}');
    await refused.close();
  },
);

test.skipIf(absent)("Make an alert leads to a rule with the expression", async () => {
  const page = await stage.browser.newPage();
  await page.goto(stage.base + query("up == 0", "&g0.tab=table"));
  await page.getByRole("link", { name: "Make an alert" }).click();
  await page.waitForURL(/\/edit-rules\?expr=up/);
  // This server stores no rules, so the alert is shown as a file.
  expect(await page.getByRole("textbox", { name: "Rule file" }).inputValue()).toContain('expr: "up == 0"');
  await page.close();
});

test.skipIf(absent)(
  "Ctrl+K finds pages and metrics with the keyboard only, and the question mark lists the keys",
  async () => {
    const { page, errors } = await stage.open("/query");
    await page.locator(".cm-content").waitFor();
    // The cursor is in the expression: the question mark is a letter of it.
    await page.keyboard.type("?");
    expect(await page.locator(".cm-line").textContent()).toBe("?");
    await page.keyboard.press("ControlOrMeta+k");
    const field = page.getByRole("combobox", { name: /^Find/ });
    await page.locator('[role="combobox"]:focus').waitFor();
    await page.keyboard.type("command-line");
    await page.getByRole("option", { name: /Command-line flags/, selected: true }).waitFor();
    await page.evaluate(axeSource());
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${stage.base}/flags`);
    expect(await field.count()).toBe(0);
    await page.keyboard.press("?");
    const keys = page.getByRole("dialog", { name: "Keys" });
    await keys.getByText("Move the time range back").waitFor();
    await page.keyboard.press("Escape");
    await keys.waitFor({ state: "detached" });
    await page.keyboard.press("ControlOrMeta+k");
    await page.locator('[role="combobox"]:focus').waitFor();
    await page.keyboard.type("resident");
    const metrics = page.getByRole("group", { name: "Metrics" });
    await metrics.getByRole("option", { name: "process_resident_memory_bytes" }).waitFor();
    await eventually("the metric is selected", async () => {
      const selected = page.getByRole("listbox", { name: "Results" }).getByRole("option", { selected: true });
      if ((await selected.textContent()) !== "process_resident_memory_bytes") await page.keyboard.press("ArrowDown");
      expect(await selected.textContent()).toBe("process_resident_memory_bytes");
    });
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/query\?g0\.expr=process_resident_memory_bytes/);
    await page.getByRole("table", { name: "Query result" }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  },
);
