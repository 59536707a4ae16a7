import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith, hostFor, withAlertmanager } from "../testing/running-alertmanager.ts";

/** Runs an Alertmanager. `call` posts JSON to its additional routes. */
async function withTrials(
  config: string,
  use: (call: (path: string, body?: unknown) => Promise<readonly [number, unknown]>, url: string) => Promise<void>,
): Promise<void> {
  const place = folderWith(config);
  const template = '{{ define "mine" }}{{ .Status }}: {{ .CommonLabels.alertname }}{{ end }}';
  writeFileSync(join(place.folder, "mine.tmpl"), template);
  const host = hostFor(place, ["--web.external-url=http://am:9093/", "--web.route-prefix=/"], {
    SUBJECT: "from the environment",
  });
  await withAlertmanager(host, (url) =>
    use(async (path, body) => {
      const init = { headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) };
      const response = await fetch(`${url}/api/v2/narthex${path}`, { method: "POST", ...init });
      return [response.status, await response.json()];
    }, url),
  );
}

const CONFIG = `
route: {receiver: quiet, group_by: [alertname], group_wait: 1h}
templates: [mine.tmpl]
receivers:
  - name: quiet
  - name: unused
    webhook_configs: [{url: URL}]
    email_configs: [{to: a@b, from: c@d, smarthost: 'localhost:25', headers: {Subject: !env SUBJECT}}]
`;

test("a receiver without a route can be tested, and the test is neither counted in metrics nor recorded in the history", async () => {
  const bodies: string[] = [];
  const sink = createServer((request, response) => {
    request.on("data", (part: Buffer) => bodies.push(part.toString()));
    request.on("end", () => response.end("ok"));
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  const config = CONFIG.replace("URL", `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`);
  await withTrials(config, async (call, url) => {
    expect(await call("/receivers/unused/test", { integration: "webhook", labels: { team: "shop" } })).toEqual([
      200,
      {
        receiver: "unused",
        results: [
          {
            integration: { name: "webhook", index: 0 },
            outcome: "sent",
            durationSeconds: expect.any(Number) as number,
          },
        ],
      },
    ]);
    expect(JSON.parse(bodies[0]!)).toMatchObject({ alerts: [{ labels: { test: "true", team: "shop" } }] });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('alertmanager_notification_requests_total{integration="webhook"} 0');
    expect(await (await fetch(`${url}/api/v2/narthex/notifications`)).json()).toEqual([]);
    expect(await (await fetch(`${url}/api/v2/alerts`)).json()).toEqual([]);
    expect(await call("/receivers/nobody/test")).toEqual([404, 'no receiver "nobody" in the configuration']);
    expect(await call("/receivers/quiet/test")).toEqual([
      400,
      'receiver "quiet" does not have this integration; it has none',
    ]);
    expect(await call("/receivers/unused/test", { kind: "x" })).toEqual([
      400,
      'unknown member "kind"; known are integration, index, labels, annotations',
    ]);
  });
  sink.close();
});

test("templates are rendered for a sample, for given alerts and for a current group", async () => {
  await withTrials(CONFIG.replace("URL", "http://localhost:1"), async (call, url) => {
    const template = '{{ template "mine" . }}';
    const render = (more: object): Promise<readonly [number, unknown]> =>
      call("/templates/render", { template, ...more });
    expect(await render({})).toEqual([200, { template, html: false, output: "firing: HighErrorRate" }]);
    const ended = { labels: { alertname: "A" }, startsAt: "2026-01-01T00:00:00Z", endsAt: "2026-01-01T01:00:00Z" };
    expect(await render({ alerts: [ended] })).toMatchObject([200, { output: "resolved: A" }]);
    await fetch(`${url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ labels: { alertname: "Live" } }]),
    });
    const groupKey = '{}:{alertname="Live"}';
    expect(await render({ groupKey })).toMatchObject([200, { output: "firing: Live" }]);
    expect(await render({ groupKey: "{}:{}" })).toEqual([404, 'no group "{}:{}" at present']);
    const field = { receiver: "unused", integration: "email", field: "headers.Subject" };
    expect(await call("/templates/render", field)).toMatchObject([200, { output: "from the environment" }]);
    const mail = await call("/templates/render", { ...field, field: "html" });
    expect(mail).toMatchObject([200, { html: true, output: expect.stringContaining("HighErrorRate") as string }]);
  });
});

test.each<[object, RegExp]>([
  [{}, /give either template, or receiver and field/],
  [{ template: "{{ .Foo }}" }, /can't evaluate field Foo/],
  [{ template: "{{ range 100000000 }}{{ end }}" }, /takes more than 500000 steps/],
  [{ template: "x", alerts: [] }, /alerts must be a list/],
  [{ template: "x", alerts: [{}] }, /labels in body is required/],
  [{ template: 1 }, /template must be a string/],
  [{ receiver: "unused", field: "title" }, /name one/],
])("the preview refuses %j", async (body, message) => {
  await withTrials(CONFIG.replace("URL", "http://localhost:1"), async (call) => {
    const [status, answer] = await call("/templates/render", body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(answer)).toMatch(message);
  });
});
