import type { Running } from "../../support/running.ts";
import { type Workplace } from "../../support/workplace.ts";
import type { Action, SilenceParams } from "./episode.ts";
import { startManager } from "../lone-manager.ts";

export type Side = "ours" | "theirs";
export const SIDES: readonly Side[] = ["ours", "theirs"];

/** One of the two compared servers: the original Alertmanager or ours. Both receive the same alerts. */
export class Manager implements AsyncDisposable {
  readonly side: Side;
  readonly base: string;
  readonly process: Running;
  readonly #workplace: Workplace;
  /** Ids of the created silences, by the test scenario and the silence's name. */
  readonly #silences = new Map<string, string>();

  private constructor(side: Side, base: string, process: Running, workplace: Workplace) {
    this.side = side;
    this.base = base;
    this.process = process;
    this.#workplace = workplace;
  }

  static async start(side: Side, configuration: string, workplace: Workplace): Promise<Manager> {
    const configFile = workplace.write(`${side}.yml`, configuration);
    const program = side === "ours" ? "narthex" : "peer";
    const { running, base } = await startManager(program, { workplace, name: side, configFile });
    return new Manager(side, base, running, workplace);
  }

  /** Loads another configuration. Resolves with the duration of the reload, ms. */
  async reload(configuration: string): Promise<number> {
    this.#workplace.write(`${this.side}.yml`, configuration);
    const started = performance.now();
    const answer = await fetch(`${this.base}/-/reload`, { method: "POST" });
    if (!answer.ok) throw new Error(`${this.side} refused the configuration: ${await answer.text()}`);
    return performance.now() - started;
  }

  /** Performs an action of a test scenario: posts alerts, or creates, changes or expires a silence. */
  async act(action: Action, begin: number, episode: string): Promise<void> {
    switch (action.kind) {
      case "post":
        await this.#send(
          "POST",
          "alerts",
          action.alerts.map((alert) => withTimes(alert, begin)),
        );
        return;
      case "silence":
        await this.#silence(action.silence, begin, episode);
        return;
      case "expire": {
        const id = this.#silences.get(`${episode}/${action.name}`);
        if (id !== undefined) await this.#send("DELETE", `silence/${id}`, undefined);
      }
    }
  }

  async #silence(params: SilenceParams, begin: number, episode: string): Promise<void> {
    const key = `${episode}/${params.name}`;
    const id = this.#silences.get(key);
    const matchers = params.matchers.map(({ name, value, type }) => ({
      name,
      value,
      isRegex: type.endsWith("~"),
      isEqual: type.startsWith("="),
    }));
    const body = { matchers, createdBy: "e2e", comment: params.name, ...(id === undefined ? {} : { id }) };
    const answer = await this.#send("POST", "silences", { ...body, ...withTimes(params, begin) });
    this.#silences.set(key, (JSON.parse(answer) as { silenceID: string }).silenceID);
  }

  async #send(method: string, path: string, body: unknown): Promise<string> {
    const response = await fetch(`${this.base}/api/v2/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${this.side}: ${method} ${path}: ${response.status} ${text}`);
    return text;
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.base}/metrics`)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

const at = (begin: number, ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(begin + ms).toISOString();

function withTimes<T extends { readonly startsAt: number | undefined; readonly endsAt: number | undefined }>(
  value: T,
  begin: number,
): Record<string, unknown> {
  const { name: _, ...rest } = value as T & { name?: string };
  const [startsAt, endsAt] = [at(begin, value.startsAt), at(begin, value.endsAt)];
  const times = { ...(startsAt === undefined ? {} : { startsAt }), ...(endsAt === undefined ? {} : { endsAt }) };
  return { ...Object.fromEntries(Object.entries(rest).filter(([key]) => !/At$|^matchers$/.test(key))), ...times };
}
