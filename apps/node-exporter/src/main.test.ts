import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost, whileRunning } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { main } from "./main.ts";

const withExporter = <T>(args: readonly string[], use: (url: string) => Promise<T>): Promise<T> =>
  whileRunning(testHost(["--web.listen-address=127.0.0.1:0", ...args]), main, use);

const text = async (url: string): Promise<string> => (await fetch(url)).text();

test("main() serves the families of the collectors, of its build and of its process", async () => {
  await withExporter([], async (url) => {
    const body = await text(`${url}/metrics`);
    expect(body).toContain('node_scrape_collector_success{collector="time"} 1');
    expect(body).toMatch(/^node_exporter_build_info\{.*version="1\.12\.1"\} 1$/m);
    expect(body).toMatch(/^promhttp_metric_handler_requests_total\{code="200"\} 0$/m);
    expect(body).toMatch(/^process_start_time_seconds /m);
  });
});

test("main() shows no metrics of itself with --web.disable-exporter-metrics, and --web.telemetry-path changes the path", async () => {
  await withExporter(["--web.disable-exporter-metrics", "--web.telemetry-path=/node"], async (url) => {
    const body = await text(`${url}/node`);
    expect(body).toMatch(/^node_time_seconds /m);
    expect(body).not.toMatch(/^(?:process|promhttp|go)_/m);
    expect(await text(url)).toContain('<a href="/node">Metrics</a>');
  });
});

test("a scrape with collect[] runs only those collectors, and gets upstream's message for unavailable ones", async () => {
  await withExporter(["--no-collector.uname"], async (url) => {
    const body = await text(`${url}/metrics?collect[]=time`);
    expect(body.match(/node_scrape_collector_success\{.*/g)).toEqual([
      'node_scrape_collector_success{collector="time"} 1',
    ]);
    expect(await text(`${url}/metrics?collect[]=nope`)).toBe(
      "Couldn't create filtered metrics handler: couldn't create collector: missing collector: nope",
    );
    expect(await text(`${url}/metrics?collect[]=uname`)).toBe(
      "Couldn't create filtered metrics handler: couldn't create collector: disabled collector: uname",
    );
    const both = await fetch(`${url}/metrics?collect[]=time&exclude[]=uname`);
    expect(both.status).toBe(400);
    expect(await both.text()).toBe("Combined collect and exclude queries are not allowed.");
  });
});

test("main() runs only the requested collectors with --collector.disable-defaults", async () => {
  await withExporter(["--collector.disable-defaults", "--collector.time"], async (url) => {
    expect((await text(`${url}/metrics`)).match(/collector_success\{.*/g)).toEqual([
      'collector_success{collector="time"} 1',
    ]);
  });
});

test("main() refuses flags that exclude each other", async () => {
  const host = testHost([
    "--web.listen-address=127.0.0.1:0",
    "--collector.netdev.device-include=lo",
    "--collector.netdev.device-exclude=eth0",
  ]);
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toContain("mutually exclusive");
});

test("main() answers unknown paths as a Go server does", async () => {
  await withExporter([], async (url) => {
    const missing = await fetch(`${url}/nothing`);
    expect([missing.status, await missing.text()]).toEqual([404, "404 page not found\n"]);
    const posted = await fetch(url, { method: "POST", body: "x" });
    expect([posted.status, await posted.text()]).toEqual([200, expect.stringContaining("Prometheus Node Exporter")]);
    const told = await fetch(`${url}/-/healthy`, { method: "POST" });
    expect([told.status, told.headers.get("allow")]).toEqual([405, "GET"]);
    const head = await fetch(`${url}/metrics`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });
});

test("main() requires a password if the web configuration has users", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "web.yml");
  // The hash of "secret".
  writeFileSync(file, 'basic_auth_users: {anna: "$2b$04$3pHsYfI9OLXHDpAgpDawGOPFIDXJICVULHLelvZFXHnDC0X3Hun6q"}\n');
  await withExporter([`--web.config.file=${file}`], async (url) => {
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const authorization = `Basic ${Buffer.from("anna:secret").toString("base64")}`;
    const answer = await fetch(`${url}/metrics`, { headers: { authorization } });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(await answer.text()).toContain('node_scrape_collector_success{collector="time"} 1');
    expect((await fetch(`${url}/nothing`, { headers: { authorization } })).status).toBe(404);
  });
});
