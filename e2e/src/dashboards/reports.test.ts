import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeSmtp, type FakeSmtp } from "@narthex/receivers/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DashboardsInstance, startDashboards } from "../support/dashboards-instance.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { browser as browserPath, lacks } from "../support/requirements.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");
let workplace: Workplace;
let role: DashboardsInstance;
let smtp: FakeSmtp;
let browser: Browser;
/** A server next to the dashboards, which the browser of a rendering must not reach. */
let neighbour: Server;
let visits = 0;

const authorization = `Basic ${btoa("admin:secret")}`;

const ask = (path: string, body?: object): Promise<Response> =>
  fetch(role.base + path, {
    headers: { authorization, "content-type": "application/json" },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });

const panel = (id: number, type: string, y: number, more: object = {}): object => ({
  id,
  type,
  title: `Panel ${id}`,
  gridPos: { x: 0, y, w: 24, h: 10 },
  datasource: { type: "grafana-testdata-datasource", uid: "td" },
  targets: [{ refId: "A", scenarioId: "csv_metric_values", stringInput: "1,20,90,30,5,40" }],
  ...more,
});

/** A stat whose background is one colour, so that its pixels can be recognised. */
const COLORED = {
  fieldConfig: { defaults: { color: { mode: "fixed", fixedColor: "#ff00ff" } }, overrides: [] },
  options: { colorMode: "background", graphMode: "none" },
};

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  neighbour = createServer((_request, response) => {
    visits++;
    response.end();
  }).listen(0, "127.0.0.1");
  smtp = await fakeSmtp({});
  workplace.write(
    "provisioning/datasources/td.yml",
    "apiVersion: 1\ndatasources:\n- {name: Made up, type: grafana-testdata-datasource, uid: td, isDefault: true}\n",
  );
  role = await startDashboards(workplace, "state", {
    GF_RENDERING_BROWSER: browserPath,
    GF_RENDERING_SANDBOX: "false",
    GF_SMTP_ENABLED: "true",
    GF_SMTP_HOST: `127.0.0.1:${smtp.port}`,
  });
  await role.running.ready(`${role.base}/api/health`);
  const { port } = neighbour.address() as AddressInfo;
  const content = `<img src="http://127.0.0.1:${port}/picture.png">`;
  const panels = [
    panel(1, "timeseries", 0),
    panel(2, "table", 10),
    panel(3, "text", 20, { options: { mode: "html", content } }),
    panel(4, "timeseries", 30),
    panel(5, "stat", 40, COLORED),
  ];
  const saved = await ask("/api/dashboards/db", { dashboard: { uid: "long", title: "Long", panels } });
  if (!saved.ok) throw new Error(await saved.text());
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await role?.running[Symbol.asyncDispose]();
  await smtp?.[Symbol.asyncDispose]();
  neighbour?.close();
});

/** The size of a picture, and the shares of its pixels that are magenta and dark, from a top edge to a bottom edge. */
interface Shares {
  readonly width: number;
  readonly height: number;
  readonly magenta: number;
  readonly dark: number;
}

/** Program for the browser that decodes a picture and counts its pixels. */
const COUNT = `async ({ base64, from, to }) => {
  const image = new Image();
  image.src = "data:image/png;base64," + base64;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  const [first, last] = [from, to].map((edge) => (edge < 0 ? height + edge : edge));
  const { data } = context.getImageData(0, first, width, last - first);
  let [magenta, dark] = [0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue] = data.subarray(i, i + 3);
    if (red > 200 && green < 90 && blue > 200) magenta++;
    if (Math.min(red, green, blue) < 200) dark++;
  }
  const count = data.length / 4;
  return { width, height, magenta: magenta / count, dark: dark / count };
}`;

/** Decodes a picture in the browser. Negative edges are relative to the end of the picture. */
async function sharesIn(bytes: Buffer, from: number, to: number): Promise<Shares> {
  const page = await browser.newPage();
  const input = JSON.stringify({ base64: bytes.toString("base64"), from, to });
  const shares = await page.evaluate<Shares>(`(${COUNT})(${input})`);
  await page.close();
  return shares;
}

const picture = async (path: string): Promise<Buffer> => {
  const answer = await ask(path);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
  return Buffer.from(await answer.arrayBuffer());
};

test.skipIf(absent)("a picture shows the whole dashboard, also panels that are far below", async () => {
  const whole = await picture("/render/d/long?width=1000&height=-1&theme=light");
  const end = await sharesIn(whole, -250, -100);
  expect(end.width).toBe(1000);
  expect(end.height).toBeGreaterThan(1800);
  expect(end.magenta).toBeGreaterThan(0.5);
  const start = await sharesIn(whole, 0, 380);
  expect(start.magenta).toBe(0);
  // The line and the texts of the plot.
  expect(start.dark).toBeGreaterThan(0.003);
  expect(visits).toBe(0);
});

test.skipIf(absent)("a single panel has the requested size", async () => {
  const one = await picture("/render/d-solo/long/x?panelId=5&width=400&height=200&scale=2");
  const { width, height, magenta } = await sharesIn(one, 150, 350);
  expect([width, height]).toEqual([800, 400]);
  expect(magenta).toBeGreaterThan(0.5);
});

/** Returns the width and height of the pages of a PDF, points. */
const pageSizes = (pdf: string): readonly (readonly number[])[] =>
  [...pdf.matchAll(/\/MediaBox\s*\[\s*([\d. ]+)\]/g)].map(([, box]) =>
    box!
      .trim()
      .split(/\s+/)
      .slice(2)
      .map((side) => Math.round(Number(side))),
  );

test.skipIf(absent)("a PDF has as many pages as the panels need, in the orientation of the paper", async () => {
  const pdf = async (orientation: string): Promise<string> => {
    const answer = await ask(`/render/d/long?encoding=pdf&theme=light&orientation=${orientation}`);
    return Buffer.from(await answer.arrayBuffer()).toString("latin1");
  };
  expect(pageSizes(await pdf("portrait"))).toEqual([
    [595, 842],
    [595, 842],
  ]);
  expect(pageSizes(await pdf("landscape"))).toEqual([
    [842, 595],
    [842, 595],
    [842, 595],
  ]);
});

test.skipIf(absent)("a user makes a report in the browser, and the test mail has the PDF", async () => {
  const { page, errors } = await openPage(browser, `${role.base}/login`);
  await page.request.post(`${role.base}/login`, { data: { user: "admin", password: "secret" } });
  await page.goto(`${role.base}/d/long?shareView=link`);
  await page.getByRole("tab", { name: "Report" }).click();
  await page.getByRole("link", { name: "New report" }).click();
  await page.getByLabel("Recipients").fill("ann@x.org");
  await page.getByRole("button", { name: "Send a test mail" }).click();
  await page.getByText("The test mail was sent").waitFor();
  const [mail] = smtp.mails;
  expect(mail!.to).toEqual(["ann@x.org"]);
  expect(mail!.message).toMatch(/^Subject: Long\r?$/m);
  const attached = /filename=long\.pdf\r?\n\r?\n([\w+/=\r\n]+)/.exec(mail!.message)![1]!;
  expect(pageSizes(Buffer.from(attached, "base64").toString("latin1"))).toHaveLength(3);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "Long", exact: true }).waitFor();
  await page.getByRole("button", { name: "Send Long" }).click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("sent", { exact: true }).waitFor();
  expect(smtp.mails).toHaveLength(2);
  expect(errors).toEqual([]);
});
