import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Dispatcher } from "@narthex/alerting";
import { RateLimits, type ReceiverConfig, Renderer } from "@narthex/receivers";
import { systemClock } from "@narthex/runtime";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openIntegrations } from "./integrations.ts";
import { folderWith, hostFor, withAlertmanager } from "../testing/running-alertmanager.ts";

let notifications: string[] = [];
let hook: string;
const sink = createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    for (const { labels } of (JSON.parse(body) as { alerts: { labels: { alertname: string } }[] }).alerts)
      notifications.push(`${request.url} ${labels.alertname}`);
    response.end();
  });
});

beforeEach(async () => {
  notifications = [];
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  hook = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
});

afterEach(() => void sink.close());

const config = (path: string, more = ""): string =>
  `route: {receiver: a, group_wait: 0s, group_by: [alertname]}
receivers: [{name: a, webhook_configs: [{url: '${hook}/${path}'}${more}]}]
`;

/**
 * Runs an Alertmanager with the configuration `first`. `use` gets its URL and a function that writes its configuration
 * file.
 */
async function withConfig(
  first: string,
  use: (url: string, write: (text: string) => void) => Promise<void>,
): Promise<void> {
  const place = folderWith(first);
  await withAlertmanager(hostFor(place), (url) => use(url, (text) => writeFileSync(place.file, text)));
}

async function fire(url: string, alertname: string): Promise<void> {
  const body = JSON.stringify([{ labels: { alertname } }]);
  const answer = await fetch(`${url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  expect(answer.status).toBe(200);
}

const reload = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/-/reload`, { method: "POST" });
  return `${answer.status} ${await answer.text()}`;
};

test("if one receiver cannot be opened, a reload changes nothing, and the old receivers are still notified", async () => {
  await withConfig(config("old"), async (url, write) => {
    write(config("new", `, {url: '${hook}/new', http_config: {tls_config: {ca_file: missing.pem}}}`));
    expect(await reload(url)).toMatch(/^500 failed to reload config: .*missing\.pem/);
    await fire(url, "A");
    await vi.waitUntil(() => notifications.length > 0);
    expect(notifications).toEqual(["/old A"]);
    const status = (await (await fetch(`${url}/api/v2/status`)).json()) as { config: { original: string } };
    expect(status.config.original).not.toContain("missing.pem");
    write(config("new"));
    expect(await reload(url)).toBe("200 ");
    await fire(url, "B");
    await vi.waitUntil(() => notifications.some((line) => line.endsWith("B")));
    expect(notifications).toContain("/new B");
  });
});

test("a reload succeeds even if stopping the previous configuration fails", async () => {
  await withConfig(config("old"), async (url, write) => {
    const stop = vi.spyOn(Dispatcher.prototype, "stop").mockRejectedValueOnce(new Error("stuck"));
    onTestFinished(() => stop.mockRestore());
    write(config("new"));
    expect(await reload(url)).toBe("200 ");
    await fire(url, "A");
    await vi.waitUntil(() => notifications.includes("/new A"));
  });
});

test("openIntegrations() leaves nothing open if one receiver cannot be opened", async () => {
  let open = 0;
  const kind = (fails: boolean) => ({
    kind: "webhook",
    open: async (): Promise<{ send: () => Promise<never>; close: () => Promise<void> }> => {
      if (fails) throw new Error("no such certificate");
      open++;
      return { send: () => Promise.reject(new Error("not asked")), close: async () => void open-- };
    },
  });
  const receiver = (name: string, ...fails: readonly boolean[]): ReceiverConfig =>
    ({ name, integrations: fails.map((one, index) => ({ kind: kind(one), index, config: {} })) }) as never;
  const tools = { clock: systemClock, userAgent: "", hostname: "", env: {}, rateLimits: new RateLimits(systemClock) };
  const context = { tools, renderer: Renderer.load([], () => 0) };
  const used = new Set(["a", "b"]);
  const refused = openIntegrations([receiver("a", false, false), receiver("b", false, true)], used, context);
  await expect(refused).rejects.toThrow("no such certificate");
  expect(open).toBe(0);
  const opened = await openIntegrations([receiver("a", false), receiver("b", false)], used, context);
  expect(open).toBe(2);
  await opened.close();
  expect(open).toBe(0);
});
