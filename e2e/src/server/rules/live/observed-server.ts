import { readFileSync } from "node:fs";
import { type Kind, serve, type Served } from "../../../support/serving.ts";
import type { Workplace } from "../../../support/workplace.ts";
import { AlertSink } from "../alert-sink.ts";

const RESEND_DELAY_S = 5;

/** A server with rules, the fake Alertmanager that it notifies, and the log of its queries. */
export class ObservedServer implements AsyncDisposable {
  readonly kind: Kind;
  readonly served: Served;
  readonly sink: AlertSink;
  readonly #workplace: Workplace;

  private constructor(kind: Kind, served: Served, sink: AlertSink, workplace: Workplace) {
    this.kind = kind;
    this.served = served;
    this.sink = sink;
    this.#workplace = workplace;
  }

  /** Starts a server without rules. Its configuration reads the rule files of `rulesFolder` at the next reload. */
  static async start(kind: Kind, workplace: Workplace, rulesFolder: string): Promise<ObservedServer> {
    const sink = await AlertSink.open();
    const config = JSON.stringify({
      global: {
        evaluation_interval: "2s",
        external_labels: { cluster: "lab" },
        query_log_file: workplace.path(`${kind}-queries.log`),
      },
      rule_files: [`${rulesFolder}/*.yml`],
      alerting: sink.alerting,
    });
    const flags = [
      "--web.enable-lifecycle",
      "--web.enable-remote-write-receiver",
      "--web.external-url=http://rules.example",
      `--rules.alert.resend-delay=${RESEND_DELAY_S}s`,
    ];
    return new ObservedServer(kind, await serve(kind, workplace, kind, { config, flags }), sink, workplace);
  }

  get data(): string {
    return this.#workplace.path(this.kind);
  }

  async reload(): Promise<void> {
    const response = await fetch(`${this.served.base}/-/reload`, { method: "POST" });
    if (!response.ok) throw new Error(`${this.kind}: status ${response.status}: ${await response.text()}`);
  }

  /** Returns the times of the evaluations of each group, Unix ms, in order. */
  evaluations(): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, Set<number>>();
    for (const line of readFileSync(this.#workplace.path(`${this.kind}-queries.log`), "utf8")
      .split("\n")
      .slice(0, -1)) {
      const { params, ruleGroup } = JSON.parse(line) as {
        readonly params: { readonly start: string };
        readonly ruleGroup?: { readonly name: string };
      };
      if (ruleGroup === undefined) continue;
      const times = found.get(ruleGroup.name) ?? new Set();
      found.set(ruleGroup.name, times.add(Date.parse(params.start)));
    }
    return new Map([...found].map(([name, times]) => [name, [...times].toSorted((a, b) => a - b)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.served[Symbol.asyncDispose]();
    await this.sink[Symbol.asyncDispose]();
  }
}
