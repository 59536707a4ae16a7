import { parsePrometheusConfig, type ScrapeConfig } from "@narthex/config";
import type { HttpClient } from "@narthex/http";
import { expect, test } from "vitest";
import { ScriptedScrape } from "../testing/scripted-target.ts";

const BAD_CA = "tls_config: {ca_file: /missing.pem}";

/** Creates HTTP clients for tests and counts how many are open. The creation fails if a CA file is configured. */
class CountedClients {
  open = 0;

  readonly connect = async ({ tls }: ScrapeConfig["httpClient"]): Promise<HttpClient> => {
    if (tls.caFile !== "") throw new Error(`no such file: ${tls.caFile}`);
    this.open++;
    return {
      request: () => Promise.reject(new Error("not asked")),
      close: async () => void this.open--,
    };
  };
}

function settingsOf(yaml: string) {
  const parsed = parsePrometheusConfig(`scrape_configs: [${yaml}]`, "prometheus.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

test("prepare() rejects if a client of a running job cannot be created, changes nothing, and leaves no client open", async () => {
  const clients = new CountedClients();
  const { manager, logger, self } = new ScriptedScrape({ connect: clients.connect });
  await (await manager.prepare(settingsOf("{job_name: a}, {job_name: b}"))).apply();
  expect(clients.open).toBe(2);
  const changed = settingsOf(`{job_name: a, honor_labels: true}, {job_name: b, ${BAD_CA}}, {job_name: c}`);
  await expect(manager.prepare(changed)).rejects.toThrow('scrape pool "b": no such file: /missing.pem');
  expect(clients.open).toBe(2);
  expect(manager.views.scrapePools()).toEqual(["a", "b"]);
  expect(logger.lines.map(({ message }) => message)).toEqual(["Error reloading scrape pool"]);
  const failed = self.registry.getSingleMetric("prometheus_target_scrape_pool_reloads_failed_total");
  expect((await failed!.get()).values[0]!.value).toBe(1);
});

test("prepare() skips a new job whose client cannot be created, and logs this when the others start", async () => {
  const clients = new CountedClients();
  const { manager, logger } = new ScriptedScrape({ connect: clients.connect });
  const change = await manager.prepare(settingsOf(`{job_name: a}, {job_name: b, ${BAD_CA}}`));
  expect(logger.lines).toEqual([]);
  await change.apply();
  expect(manager.views.scrapePools()).toEqual(["a"]);
  expect(logger.lines.map(({ fields }) => fields["scrape_pool"])).toEqual(["b"]);
});

test("a discarded change closes its clients, and an applied change closes the clients that it replaces", async () => {
  const clients = new CountedClients();
  const { manager } = new ScriptedScrape({ connect: clients.connect });
  await (await manager.prepare(settingsOf("{job_name: a}, {job_name: b}"))).apply();
  const next = settingsOf("{job_name: a, honor_labels: true}, {job_name: c}");
  const discarded = await manager.prepare(next);
  expect(clients.open).toBe(4);
  await discarded.discard();
  expect(clients.open).toBe(2);
  await (await manager.prepare(next)).apply();
  await manager.stop();
  expect(clients.open).toBe(0);
});
