import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import { main } from "../main.ts";

/** Starts a server that is both the chat and the monitoring server. */
async function fakeServices() {
  const requests: { readonly url: string; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const url = request.url!;
      requests.push({ url, body });
      const now = Date.now() / 1000;
      const values = [now - 60, now - 30, now].map((time) => [time, "7"]);
      const data = { resultType: "matrix", result: [{ metric: { instance: "api" }, values }] };
      if (url.startsWith("/api/annotations")) response.writeHead(503).end();
      else response.end(JSON.stringify(url.startsWith("/api/v1") ? { status: "success", data } : { ok: true }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, close: () => server.close() };
}

function hostWith(config: string, context: string) {
  const folder = temporaryFolder();
  const [file, contextFile] = [join(folder, "alertmanager.yml"), join(folder, "context.yml")];
  writeFileSync(file, config);
  writeFileSync(contextFile, context);
  const args = [`--config.file=${file}`, `--notification.context-file=${contextFile}`, `--storage.path=${folder}/data`];
  return testHost([...args, "--web.listen-address=127.0.0.1:0", "--cluster.listen-address="], {
    env: { NARTHEX_UI_DIR: join(folder, "no-ui") },
  });
}

test("a notification has its context, and a missing part is counted", async () => {
  const services = await fakeServices();
  const telegram = `{api_url: '${services.url}', bot_token: t, chat_id: 5, message: 'x'}`;
  const config = `route: {receiver: chat, group_wait: 0s}\nreceivers: [{name: chat, telegram_configs: [${telegram}]}]\n`;
  const host = hostWith(config, `server: {url: '${services.url}'}\ndashboards: {url: '${services.url}'}\n`);
  const status = main(host);
  const address = await host.listening(status);
  const generatorURL = "http://elsewhere.invalid/graph?g0.expr=errors+%3E+5";
  await fetch(`http://${address}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ labels: { alertname: "Errors", instance: "api" }, generatorURL }]),
  });
  const photo = await vi.waitUntil(() => services.requests.find(({ url }) => url === "/bott/sendPhoto"));
  expect(photo.body).toContain("\x89PNG\r\n");
  const message = services.requests.find(({ url }) => url === "/bott/sendMessage")!;
  expect(JSON.parse(message.body)).toMatchObject({ text: "x\nErrors has fired once in 5 days" });
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  expect(metrics).toContain('narthex_notification_context_failures_total{part="deployments"} 1\n');
  expect(metrics).toContain('narthex_notification_context_failures_total{part="picture"} 0\n');
  host.requestStop();
  expect(await status).toBe(0);
  services.close();
});

test("an invalid file of contexts makes the start fail, with its line", async () => {
  const host = hostWith("route: {receiver: a}\nreceivers: [{name: a}]\n", "range: 1h\ntimeout: 5m\n");
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toMatch(/context\.yml:2:\d+.*timeout must be from 100ms to 10s/);
});
