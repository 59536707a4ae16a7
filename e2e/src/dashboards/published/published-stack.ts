import { freePort } from "../../support/ports.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { queriedSeries } from "../../support/queried-series.ts";
import { madeUpSeries } from "../../support/made-up-series.ts";

const HOUR_MS = 3_600_000;
/** Largest number of series in a remote write request. */
const BATCH = 500;

/**
 * Returns the fixed names and uids of data sources in a dashboard. Leaves out data sources that are chosen by a
 * variable or input.
 */
function namedSources(text: string): string[] {
  const names = [
    ...text.matchAll(/"datasource":\s*"([^"$-][^"$]*)"/g),
    ...text.matchAll(/"type":\s*"prometheus",\s*"uid":\s*"([^"$-][^"$]*)"/g),
  ].map(([, name]) => name!);
  return [...new Set(names)].filter((name) => name !== "default" && name !== "grafana");
}

/** Runs a server with series for all queries of one dashboard, and a dashboards server that contains the dashboard. */
export class PublishedStack implements AsyncDisposable {
  readonly #workplace = new Workplace();
  readonly #programs: Running[] = [];
  #base = "";

  /**
   * Starts the Prometheus server and the dashboards server, and imports the dashboard. Resolves with the dashboard's
   * address.
   */
  async open(text: string, nowMs: number): Promise<string> {
    const json = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const dashboard = (json["dashboard"] ?? json) as Readonly<Record<string, unknown>>;
    const [server, role] = [await freePort(), await freePort()];
    const serverUrl = `http://127.0.0.1:${server}`;
    this.#base = `http://127.0.0.1:${role}`;
    const workplace = this.#workplace;
    const sources = [...new Set(["Main", ...namedSources(text)])].map((name) => ({
      name,
      uid: name,
      type: "prometheus",
      url: serverUrl,
      isDefault: name === "Main",
    }));
    workplace.write("prometheus.yml", "global: {scrape_interval: 15s}\n");
    workplace.write("provisioning/datasources/main.yml", JSON.stringify({ apiVersion: 1, datasources: sources }));
    const address = "127.0.0.1";
    await this.#start(
      [
        "server",
        `--config.file=${workplace.path("prometheus.yml")}`,
        `--storage.tsdb.path=${workplace.path("data")}`,
        `--web.listen-address=${address}:${server}`,
        "--web.enable-remote-write-receiver",
      ],
      `${serverUrl}/-/ready`,
    );
    await this.#start(
      [
        "dashboards",
        `cfg:server.http_addr=${address}`,
        `cfg:server.http_port=${role}`,
        `cfg:paths.data=${workplace.path("state")}`,
        `cfg:paths.provisioning=${workplace.path("provisioning")}`,
        "cfg:auth.anonymous.enabled=true",
        "cfg:auth.anonymous.org_role=Admin",
      ],
      `${this.#base}/api/health`,
    );
    const series = madeUpSeries(queriedSeries(dashboard), [nowMs - HOUR_MS, nowMs]);
    for (let i = 0; i < series.length; i += BATCH) await remoteWrite(serverUrl, series.slice(i, i + BATCH));
    const path = await this.#import(dashboard);
    return `${this.#base}${path}?from=${nowMs - HOUR_MS}&to=${nowMs}&refresh=`;
  }

  async #start(args: readonly string[], readyUrl: string): Promise<void> {
    const program = narthex(args);
    this.#programs.push(program);
    await program.ready(readyUrl);
  }

  async #import(dashboard: object): Promise<string> {
    const response = await fetch(`${this.#base}/api/dashboards/import`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ dashboard, overwrite: true, inputs: [] }),
    });
    const answer = (await response.json()) as { importedUrl?: string };
    if (answer.importedUrl === undefined) throw new Error(`import: ${response.status} ${JSON.stringify(answer)}`);
    return answer.importedUrl;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.toReversed()) await program[Symbol.asyncDispose]();
    this.#workplace[Symbol.dispose]();
  }
}
