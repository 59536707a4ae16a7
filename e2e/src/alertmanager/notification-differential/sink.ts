import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BEAT_MS, type Hook } from "./episode.ts";

export interface ReceivedNotification {
  /** Unix time in ms at which the notification had fully arrived. */
  readonly at: number;
  /** Path of the webhook URL in the form `<receiver>/<index>`. */
  readonly hook: string;
  readonly status: number;
  readonly body: WebhookBody;
}

interface WebhookBody {
  readonly receiver: string;
  readonly status: string;
  readonly groupKey: string;
  readonly notification_reason: string;
  readonly truncatedAlerts: number;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly fingerprint: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
  }[];
}

/**
 * The fake receiver. Both Alertmanagers send notifications to `/<side>/<receiver>/<index>`; the test scenario
 * determines the answers.
 */
export class Sink implements AsyncDisposable {
  readonly notifications = new Map<string, ReceivedNotification[]>();
  #begin = 0;
  #hooks: ReadonlyMap<string, Hook> = new Map();
  readonly #failed = new Set<string>();
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const at = performance.timeOrigin + performance.now();
      const [, side, receiver, index] = request.url!.split("/");
      const hook = `${receiver}/${index}`;
      const rules = this.#hooks.get(hook);
      const beat = (at - this.#begin) / BEAT_MS;
      const refused = rules?.refusal !== undefined && beat >= rules.refusal.from && beat < rules.refusal.to;
      const body = JSON.parse(Buffer.concat(parts).toString()) as WebhookBody;
      const status = this.#fails(rules, beat, `${side} ${hook} ${body.groupKey}`)
        ? 500
        : refused
          ? rules.refusal.status
          : 200;
      this.of(side!).push({ at, hook, status, body });
      setTimeout(() => response.writeHead(status).end(), rules?.delayMs ?? 0);
    });
  });

  async listen(): Promise<string> {
    // A connection that the receiver closes while the original sends its next notification fails, and the original
    // repeats the notification later. By default connections close after five seconds, which is a time of an episode.
    this.#server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Returns the notifications that one Alertmanager has sent so far. */
  of(side: string): ReceivedNotification[] {
    let known = this.notifications.get(side);
    if (known === undefined) {
      known = [];
      this.notifications.set(side, known);
    }
    return known;
  }

  /**
   * Discards all received notifications and sets how the fake receiver answers. Beats (time steps) are counted from
   * `begin`.
   */
  expect(hooks: ReadonlyMap<string, Hook>, begin: number): void {
    this.notifications.clear();
    this.#failed.clear();
    this.#hooks = hooks;
    this.#begin = begin;
  }

  #fails(rules: Hook | undefined, beat: number, group: string): boolean {
    if (rules === undefined || Math.floor(beat) !== rules.failing || this.#failed.has(group)) return false;
    this.#failed.add(group);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
