import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

const series = [
  { __name__: "http_requests_total", job: "api", instance: "a", code: "200" },
  { __name__: "http_requests_total", job: "api", instance: "b", code: "500" },
  { __name__: "http_open", job: "api", instance: "a" },
];

test("a dashboard is generated from the metrics of a job or of a search, for users who may query the source", async () => {
  const asked: string[] = [];
  const prometheus = createServer((request, response) => {
    const url = new URL(request.url!, "http://x");
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const form = new URLSearchParams(Buffer.concat(pieces).toString());
      if (url.pathname === "/api/v1/series") asked.push(form.get("match[]")!);
      const metadata = { http_requests: [{ type: "counter", help: "Requests.", unit: "" }] };
      response.end(JSON.stringify({ status: "success", data: url.pathname === "/api/v1/series" ? series : metadata }));
    });
  });
  await new Promise<void>((done) => prometheus.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`;
  const files = {
    "provisioning/datasources/main.yml": `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: '${url}', isDefault: true}, {name: Test, type: grafana-testdata-datasource, uid: test}]\n`,
  };
  await withRole({ files }, async ({ call }) => {
    const made = async (body: object) =>
      call("POST", "/api/narthex/generate", { datasource: { uid: "main" }, ...body });
    const { status, json } = await made({ job: 'a"b' });
    expect([status, json.metrics, json.dashboard.title]).toEqual([200, 2, 'a"b']);
    const exprs = json.dashboard.panels.flatMap(({ targets = [] }: any) => targets.map(({ expr }: any) => expr));
    expect(exprs).toEqual([
      'http_open{job="a\\"b", instance=~"$instance"}',
      'sum by (instance, code) (rate(http_requests_total{job="a\\"b", instance=~"$instance", code=~"$code"}[$__rate_interval]))',
    ]);
    expect((await made({ search: "http re.q", title: "Mine" })).json.dashboard.title).toBe("Mine");
    expect(asked).toEqual(['{job="a\\"b"}', String.raw`{__name__=~"(?i).*http.*",__name__=~"(?i).*re\\.q.*"}`]);
    const response = await call("POST", "/api/narthex/metrics", {
      datasource: { uid: "main" },
      job: "api",
      from: 1,
      to: 2,
    });
    expect(response.json.families.map(({ name, kind }: any) => [name, kind])).toEqual([
      ["http_open", "gauge"],
      ["http_requests_total", "counter"],
    ]);
    expect(
      (await call("POST", "/api/narthex/metrics", { datasource: { uid: "main" }, job: "api", from: "x" })).status,
    ).toBe(400);
    // Saves the generated dashboard without changes, which must succeed.
    const saved = await call("POST", "/api/dashboards/db", { dashboard: json.dashboard });
    expect(saved.status).toBe(200);
    expect((await made({})).json.message).toBe("choose a job, or search for names of metrics");
    expect((await made({ job: 7 })).status).toBe(400);
    expect((await made({ job: "a", datasource: { uid: "test" } })).status).toBe(400);
    expect((await made({ job: "a", datasource: { uid: "none" } })).status).toBe(404);
  });
  await new Promise((done) => prometheus.close(done));
});
