import { fingerprint, HandlerError } from "@narthex/alerting";
import { Labels } from "@narthex/model";
import {
  type ReceiverConfig,
  sendTest,
  type TestContents,
  testNotification,
  type TestOutcome,
} from "@narthex/receivers";
import type { TrialState } from "./trial-state.ts";

/**
 * Maximum number of receiver tests that run at the same time. A test can take long because it calls an external
 * service.
 */
const MAX_AT_ONCE = 8;

/** Sends test notifications, a limited number at the same time. */
export class ReceiverTests {
  #running = 0;

  /**
   * Sends a test through all integrations of a receiver. Resolves with the answer for the client. Rejects with
   * HandlerError if too many tests are running.
   */
  async send(
    receiver: ReceiverConfig,
    contents: TestContents,
    { tools, renderer, externalUrl }: Pick<TrialState, "tools" | "renderer" | "externalUrl">,
  ): Promise<{ readonly receiver: string; readonly results: readonly unknown[] }> {
    if (this.#running >= MAX_AT_ONCE)
      throw new HandlerError(429, `${this.#running} tests are under way, try again later`);
    this.#running++;
    try {
      const now = tools.clock.now();
      const fingerprintOf = (labels: Readonly<Record<string, string>>): string => fingerprint(Labels.of(labels));
      const notification = testNotification(receiver.name, contents, { now, externalUrl, fingerprintOf });
      const outcomes = await sendTest(receiver.integrations, notification, { tools, renderer });
      return { receiver: receiver.name, results: outcomes.map(describe) };
    } finally {
      this.#running--;
    }
  }
}

const describe = ({ integration, index, outcome, reason, isRetried, durationMs }: TestOutcome): unknown => ({
  integration: { name: integration, index },
  outcome,
  ...(reason === undefined ? {} : { reason }),
  ...(isRetried === undefined ? {} : { retried: isRetried }),
  durationSeconds: Math.round(durationMs) / 1000,
});
