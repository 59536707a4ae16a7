import { createServer, type Server, type ServerResponse } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchBrowser } from "../support/headless-browser.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";

const absent = lacks("browser");
let workplace: Workplace;
let role: Running | undefined;
let browser: Browser;
let base: string;
let sourcePort: number;
let startRole: () => Promise<void>;

/** A fake Prometheus server whose responses the test controls. */
const source = {
  mode: "answer" as "answer" | "fail" | "hang",
  held: [] as ServerResponse[],
  server: undefined as Server | undefined,
};

function answer(response: ServerResponse): void {
  const [status, body] =
    source.mode === "fail"
      ? [503, { status: "error", errorType: "unavailable", error: "the store is closed" }]
      : [
          200,
          {
            status: "success",
            data: {
              resultType: "matrix",
              result: [
                {
                  metric: { job: "a" },
                  values: [0, 15, 30].map((ago) => [Math.floor(Date.now() / 15_000) * 15 - 30 + ago, "42"]),
                },
              ],
            },
          },
        ];
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const port = await freePort();
  sourcePort = await freePort();
  base = `http://127.0.0.1:${port}`;
  source.server = createServer((request, response) => {
    request.resume();
    if (source.mode === "hang") source.held.push(response);
    else answer(response);
  }).listen(sourcePort, "127.0.0.1");
  workplace.write(
    "provisioning/datasources/all.yml",
    `apiVersion: 1\ndatasources:\n- {name: Main, type: prometheus, uid: main, url: 'http://127.0.0.1:${sourcePort}', isDefault: true}\n- {name: Made up, type: grafana-testdata-datasource, uid: td}\n`,
  );
  workplace.write(
    "provisioning/dashboards/all.yml",
    `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${workplace.path("dashboards")}'}}]\n`,
  );
  const panel = (id: number, title: string, datasource: object, target: object): object => ({
    id,
    type: "stat",
    title,
    gridPos: { x: (id - 1) * 12, y: 0, w: 12, h: 8 },
    datasource,
    targets: [{ refId: "A", ...target }],
  });
  const dashboard = {
    uid: "weather",
    title: "Weather",
    schemaVersion: 43,
    time: { from: "now-1m", to: "now" },
    panels: [
      panel(1, "Asked", { uid: "main" }, { expr: "up", range: true }),
      panel(2, "Made up", { uid: "td" }, { scenarioId: "csv_metric_values", stringInput: "7,7" }),
    ],
  };
  workplace.write("dashboards/weather.json", JSON.stringify(dashboard));
  startRole = async () => {
    role = narthex(dashboardsArguments(workplace, port, ["security.admin_password=secret"]));
    await role.ready(`${base}/api/health`);
  };
  await startRole();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await role?.[Symbol.asyncDispose]();
  source.server?.closeAllConnections();
  source.server?.close();
  workplace?.[Symbol.dispose]();
});

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const banner = (page: Page) => page.getByRole("status", { name: "Data sources that fail" });
const refresh = (page: Page): Promise<void> => page.getByRole("button", { name: "Refresh now" }).click();

async function signIn(page: Page, login = "admin"): Promise<void> {
  await page.getByLabel("Email or user name").fill(login);
  await page.getByRole("textbox", { name: "Password" }).fill("secret");
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function open(address: string, login?: string): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${base}${address}`);
  await signIn(page, login);
  await region(page, "Made up").getByText("7", { exact: true }).waitFor();
  return { page, errors };
}

test.skipIf(absent)("a data source that is slow, then fails, then answers delays no other source", async () => {
  source.mode = "hang";
  const { page, errors } = await open("/d/weather");
  await region(page, "Asked")
    .getByText(/^Waiting for Main, \d+ s/)
    .waitFor();
  source.mode = "answer";
  source.held.splice(0).forEach(answer);
  await region(page, "Asked").getByText("42").waitFor();
  source.mode = "fail";
  // Refreshes the dashboard until the error is shown. A refresh within the same query step queries nothing new, so
  // several may be necessary.
  await eventually("it says what failed", async () => {
    await refresh(page);
    await banner(page)
      .getByText(/^Main has failed since \d\d:\d\d: unavailable: the store is closed/)
      .waitFor({ timeout: 1000 });
  });
  await banner(page).getByText(`http://127.0.0.1:${sourcePort}`).waitFor();
  await region(page, "Asked")
    .getByRole("button", { name: /^Notice: as of \d\d:\d\d unavailable: the store is closed/ })
    .waitFor();
  await region(page, "Asked").getByText("42").waitFor();
  expect(await region(page, "Made up").getAttribute("data-panel-state")).toBe("data");
  // Another range is another question, so the old value is not its answer.
  await page.goto(`${base}/d/weather?from=now-3m&to=now`);
  await region(page, "Asked").getByText("Main has failed", { exact: true }).waitFor();
  source.mode = "answer";
  await refresh(page);
  await region(page, "Asked").getByText("42").waitFor();
  await banner(page).waitFor({ state: "detached" });
  expect(errors).toEqual([]);
  await page.context().close();
});

test.skipIf(absent)("a viewer is told which source fails, without its address", async () => {
  const viewer = { name: "View", login: "viewer", password: "secret", orgId: 1 };
  const created = await fetch(`${base}/api/admin/users`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Basic ${btoa("admin:secret")}` },
    body: JSON.stringify(viewer),
  });
  expect(created.status).toBe(200);
  source.mode = "fail";
  const { page } = await open("/d/weather?from=now-4m&to=now", "viewer");
  await banner(page)
    .getByText(/^Main has failed since/)
    .waitFor();
  expect(await page.locator("body").textContent()).not.toContain(String(sourcePort));
  source.mode = "answer";
  await page.context().close();
});

test.skipIf(absent)("a page survives a restart of the role, and continues when the role is back", async () => {
  source.mode = "answer";
  const { page, errors } = await open("/d/weather");
  await region(page, "Asked").getByText("42").waitFor();
  await role![Symbol.asyncDispose]();
  await refresh(page);
  const notice = region(page, "Asked").getByRole("button", { name: /did not respond/ });
  await notice.waitFor();
  expect(await region(page, "Asked").getAttribute("data-panel-state")).toBe("data");
  await startRole();
  await refresh(page);
  await notice.waitFor({ state: "detached" });
  await region(page, "Asked").getByText("42").waitFor();
  expect(errors).toEqual([]);
  await page.context().close();
});

test.skipIf(absent)(
  "a user who is signed out meanwhile keeps what is shown, signs in and is in the same place",
  async () => {
    source.mode = "answer";
    const { page, errors } = await open("/d/weather?from=now-2m&to=now");
    await region(page, "Asked").getByText("42").waitFor();
    await page.context().clearCookies();
    await refresh(page);
    await page.getByText("You are not signed in any more").waitFor();
    expect(await region(page, "Asked").getAttribute("data-panel-state")).toBe("data");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Email or user name").waitFor();
    await signIn(page);
    await region(page, "Asked").getByText("42").waitFor();
    await eventually("it is where it was", async () => expect(page.url()).toContain("from=now-2m"));
    expect(errors).toEqual([]);
    await page.context().close();
  },
);
