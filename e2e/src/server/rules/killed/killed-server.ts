import { Labels } from "@narthex/model";
import { eventually } from "../../../support/eventually.ts";
import { instant } from "../../../support/query.ts";
import { remoteWrite } from "../../../support/remote-write.ts";
import { type Kind, serve, type Served } from "../../../support/serving.ts";
import type { Workplace } from "../../../support/workplace.ts";
import { AlertSink, type SentAlert } from "../alert-sink.ts";

/** Time for which samples are written in advance, s. The servers refuse samples later than 10 minutes from now. */
const WRITTEN_S = 580;

/** A server with rules that is killed and started again on the same folder, and its fake Alertmanager. */
export class KilledServer implements AsyncDisposable {
  readonly kind: Kind;
  readonly sink: AlertSink;
  restarts = 0;
  readonly #workplace: Workplace;
  readonly #flags: readonly string[];
  #served: Served | undefined;

  private constructor(kind: Kind, workplace: Workplace, sink: AlertSink, flags: readonly string[]) {
    this.kind = kind;
    this.#workplace = workplace;
    this.sink = sink;
    this.#flags = flags;
  }

  static async start(kind: Kind, workplace: Workplace, rules: string): Promise<KilledServer> {
    const own = kind === "narthex" ? [`--rules.api.path=${workplace.path("stored")}`] : [];
    const server = new KilledServer(kind, workplace, await AlertSink.open(), [
      "--web.enable-lifecycle",
      "--web.enable-remote-write-receiver",
      "--rules.alert.resend-delay=1s",
      "--rules.alert.for-grace-period=1s",
      ...own,
    ]);
    server.writeRules(rules);
    await server.#start();
    return server;
  }

  get base(): string {
    return this.#served!.base;
  }

  get #rulesFile(): string {
    return `${this.kind}-rules.yml`;
  }

  writeRules(text: string): void {
    this.#workplace.write(this.#rulesFile, text);
  }

  async #start(): Promise<void> {
    const config = JSON.stringify({
      global: { evaluation_interval: "1s" },
      rule_files: [this.#workplace.path(this.#rulesFile)],
      alerting: this.sink.alerting,
    });
    this.#served = await serve(this.kind, this.#workplace, this.kind, { config, flags: this.#flags });
    await this.sink.isKnownTo(this.base);
  }

  /** Ends the server without any warning. */
  kill(): void {
    this.#served!.running.kill("SIGKILL");
  }

  /** Starts the server again on the same folder, after it was killed. */
  async restart(): Promise<void> {
    await this.#served!.running.ended;
    this.restarts++;
    await this.#start();
  }

  /** Writes a series with the value 1 from now on. */
  async begin(name: string): Promise<void> {
    const now = Date.now();
    const timestamps = Array.from({ length: WRITTEN_S }, (_, i) => now + i * 1000);
    const values = new Float64Array(WRITTEN_S).fill(1);
    await remoteWrite(this.base, [{ labels: Labels.of({ __name__: name }), timestamps, values, histograms: [] }]);
  }

  /** Waits until the Alertmanager receives an alert after `from` earlier alerts. Returns the alert. */
  async receives(name: string, isWanted: (alert: SentAlert) => boolean, from = 0): Promise<SentAlert> {
    return eventually(`${this.kind} sends ${name}`, async () => {
      const found = this.of(name, from).find(isWanted);
      if (found === undefined) throw new Error(`received ${JSON.stringify(this.of(name, from).slice(-3))}`);
      return found;
    });
  }

  /** The received notifications of an alert, without those of the first `from` alerts. */
  of(name: string, from = 0): readonly SentAlert[] {
    return this.sink.alerts.slice(from).filter(({ labels }) => labels["alertname"] === name);
  }

  /** Returns the number of stored evaluations in which an alert was pending. */
  async pendingSamples(name: string): Promise<number> {
    const [sample] = await instant(this.base, `count_over_time(ALERTS{alertname="${name}",alertstate="pending"}[1h])`);
    return Number(sample?.value[1] ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served?.[Symbol.asyncDispose]();
    await this.sink[Symbol.asyncDispose]();
  }
}
