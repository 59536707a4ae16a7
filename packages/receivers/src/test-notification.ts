import type { Clock } from "@narthex/runtime";
import { type Delivery, type Notification, rejected, sortedPairs } from "@narthex/notification";
import { type IntegrationContext, openIntegration, type OpenIntegration } from "./open-integration.ts";
import type { ConfiguredIntegration, ReceiverConfig } from "./receiver-section.ts";

/** Time limit in ms for the response of the service. */
const TIMEOUT_MS = 20_000;

export interface TestOutcome {
  readonly integration: string;
  readonly index: number;
  readonly outcome: "failed" | "sent";
  /** Reason of the failure. Undefined if the notification was sent. */
  readonly reason?: string;
  /** True if a real notification would be tried again after this failure. */
  readonly isRetried?: boolean;
  readonly durationMs: number;
}

export interface TestContents {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Returns a notification that is marked as a test, for an alert group that does not exist otherwise. */
export function testNotification(
  receiver: string,
  { labels, annotations }: TestContents,
  { now, externalUrl, fingerprintOf }: TestParams,
): Notification {
  const marked = { alertname: "TestNotification", severity: "info", ...labels, test: "true" };
  const groupLabels = { alertname: marked.alertname, test: "true" };
  return {
    receiver,
    alerts: [
      {
        labels: sortedPairs(marked),
        annotations: sortedPairs({
          summary: `Test notification to the receiver ${receiver}`,
          description: "This is only a test that notifications arrive. Nothing is wrong.",
          ...annotations,
        }),
        startsAt: now,
        endsAt: 0,
        resolved: false,
        generatorUrl: externalUrl,
        fingerprint: fingerprintOf(marked),
      },
    ],
    reason: "first notification",
    groupLabels: sortedPairs(groupLabels),
    routeLabels: new Map(),
    externalUrl,
    // Uses a group key that differs from those of all routes, so that a test never replaces the message of a real alert
    // group.
    groupKey: `test/${receiver}/${Math.floor(now)}`,
    data: {},
    // A test notification is sent immediately, even if the service requested a pause before.
    maxRetryAfterMs: 0,
  };
}

export interface TestParams {
  /** Current time, ms since 1970. */
  readonly now: number;
  readonly externalUrl: string;
  readonly fingerprintOf: (labels: Readonly<Record<string, string>>) => string;
}

/** Sends a notification once through each integration of a receiver. Nothing is stored. */
export const sendTest = (
  integrations: ReceiverConfig["integrations"],
  notification: Notification,
  context: IntegrationContext,
): Promise<readonly TestOutcome[]> => Promise.all(integrations.map((each) => sendOne(each, notification, context)));

async function sendOne(
  configured: ConfiguredIntegration,
  notification: Notification,
  context: IntegrationContext,
): Promise<TestOutcome> {
  const { clock } = context.tools;
  const started = clock.monotonic();
  const delivery = await withTimeout(clock, async (signal) => {
    let integration: OpenIntegration | undefined;
    try {
      integration = await openIntegration(configured, context);
      return await integration.deliver(notification, signal);
    } catch (error) {
      return rejected(error instanceof Error ? error.message : String(error));
    } finally {
      await integration?.close();
    }
  });
  const durationMs = clock.monotonic() - started;
  const place = { integration: configured.kind.kind, index: configured.index, durationMs };
  if (delivery.kind === "sent") return { ...place, outcome: "sent" };
  return { ...place, outcome: "failed", reason: delivery.reason, isRetried: delivery.kind === "retry" };
}

async function withTimeout(clock: Clock, send: (signal: AbortSignal) => Promise<Delivery>): Promise<Delivery> {
  const timer = new AbortController();
  const cancel = clock.after(TIMEOUT_MS, () => timer.abort(new Error("context deadline exceeded")));
  try {
    return await send(timer.signal);
  } finally {
    cancel();
  }
}
