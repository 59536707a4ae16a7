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

/** A test that is ready to be sent. */
interface PreparedTest {
  readonly receiver: ReceiverConfig;
  readonly contents: TestContents;
  readonly state: Pick<TrialState, "tools" | "renderer" | "externalUrl">;
}

/** Sends test notifications, a limited number at the same time. */
export class ReceiverTests {
  #running = 0;

  /**
   * Prepares a test, and sends it through all integrations of its receiver. Resolves with the answer for the client. If
   * too many tests are running, prepares nothing, and rejects with HandlerError.
   */
  async send(
    prepare: () => PreparedTest | Promise<PreparedTest>,
  ): Promise<{ readonly receiver: string; readonly results: readonly unknown[] }> {
    if (this.#running >= MAX_AT_ONCE)
      throw new HandlerError(429, `${this.#running} tests are under way, try again later`);
    this.#running++;
    try {
      const { receiver, contents, state } = await prepare();
      const { tools, renderer, externalUrl } = state;
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
