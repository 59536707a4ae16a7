import { stringify } from "yaml";
import type { Running } from "../../support/running.ts";
import type { Pair } from "../../support/certificates.ts";
import { type Workplace } from "../../support/workplace.ts";
import type { PostedAlert } from "./alert-states.ts";
import { FakeService, type SeenRequest } from "./fake-service.ts";
import type { ReceiverRow } from "./receiver-row.ts";
import { startManager } from "../lone-manager.ts";

export const receiverName = ({ kind, title }: ReceiverRow): string => `${kind}: ${title}`;

/** One of the two compared servers: the original Alertmanager or ours. Each test case has its own fake service. */
export class Side implements AsyncDisposable {
  readonly #process: Running;
  readonly #url: string;
  readonly #services: readonly FakeService[];
  /** Names of the test cases by the port of their fake service. */
  readonly #names: ReadonlyMap<string, string>;

  private constructor(process: Running, url: string, services: readonly FakeService[]) {
    this.#process = process;
    this.#url = url;
    this.#services = services;
    this.#names = new Map(services.map(({ port }, row) => [String(port), `service-${row}`]));
  }

  static async start(
    program: "narthex" | "peer",
    rows: readonly ReceiverRow[],
    { workplace, pair }: { readonly workplace: Workplace; readonly pair: Pair },
  ): Promise<Side> {
    const services = await Promise.all(
      rows.map((row) => FakeService.start((request) => row.answer?.(request) ?? {}, pair)),
    );
    const configFile = workplace.write(`${program}.yml`, configuration(rows, services));
    const flags = ["--web.external-url=http://vm:19093"];
    const { running, base } = await startManager(program, { workplace, name: program, configFile }, { flags });
    return new Side(running, base, services);
  }

  /** The Alertmanager's log, with ports replaced by the names of test cases. */
  get log(): string {
    return this.#neutral(this.#process.output);
  }

  get counts(): readonly number[] {
    return this.#services.map(({ requests }) => requests.length);
  }

  /**
   * Returns the requests that each test case's fake service received since the last call. Ports are replaced by the
   * names of test cases.
   */
  take(): readonly (readonly SeenRequest[])[] {
    return this.#services.map(({ requests }) =>
      requests.splice(0).map((request) => JSON.parse(this.#neutral(JSON.stringify(request))) as SeenRequest),
    );
  }

  async post(alerts: readonly PostedAlert[]): Promise<void> {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.#url}/api/v2/alerts`, {
      method: "POST",
      headers,
      body: JSON.stringify(alerts),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }

  /**
   * Resolves with the configuration that Alertmanager's status API returns. Ports are replaced by the names of test
   * cases.
   */
  async shownConfig(): Promise<string> {
    const response = await fetch(`${this.#url}/api/v2/status`);
    const { config } = (await response.json()) as { config: { original: string } };
    return this.#neutral(config.original);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await Promise.all(this.#services.map((service) => service[Symbol.asyncDispose]()));
  }

  /**
   * Replaces ports in a text by the names of test cases. Scans the text only once, because logs are long and are read
   * often.
   */
  #neutral(text: string): string {
    return text.replaceAll(/127\.0\.0\.1:(\d+)/g, (address, port: string) => this.#names.get(port) ?? address);
  }
}

/** Returns an Alertmanager configuration in which each test case's receiver gets every alert. */
function configuration(rows: readonly ReceiverRow[], services: readonly FakeService[]): string {
  return stringify({
    route: {
      receiver: "nobody",
      group_by: ["alertname"],
      group_wait: "1500ms",
      group_interval: "3s",
      routes: rows.map((row) => ({ receiver: receiverName(row), continue: true })),
    },
    receivers: [
      { name: "nobody" },
      ...rows.map((row, i) => ({
        name: receiverName(row),
        [`${row.kind}_configs`]: [{ send_resolved: true, ...row.section(services[i]!.url) }],
      })),
    ],
  });
}
