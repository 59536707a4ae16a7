import type { Clock, Logger } from "@narthex/runtime";
import type { AlertingMetrics } from "./alerting-metrics.ts";
import type { Delivery, FailureReason, GroupNotice, Integration } from "./integration.ts";
import type { NotificationTrace } from "./notification-observer.ts";

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;
const GROWTH = 1.5;
const JITTER = 0.5;

/** A notification that could not be delivered; the message is upstream's, for the log. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly failure: FailureReason;

  constructor(message: string, failure: FailureReason) {
    super(message);
    this.failure = failure;
  }
}

export interface DeliveryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AlertingMetrics;
  /** In [0, 1). */
  readonly random: () => number;
  readonly trace: NotificationTrace;
}

/** Tries until the integration takes the notice, refuses it, or the signal ends the flush. Throws DeliveryError. */
export async function deliver(
  integration: Integration,
  notice: GroupNotice,
  signal: AbortSignal,
  { clock, logger, metrics, random, trace }: DeliveryOptions,
): Promise<Readonly<Record<string, string>>> {
  const { kind, index } = integration;
  const name = `${notice.receiver}/${kind}[${index}]`;
  let pause = FIRST_PAUSE_MS;
  let last: Extract<Delivery, { kind: "rejected" | "retry" }> | undefined;
  for (let attempts = 1; ; attempts++) {
    const [started, startedAt] = [clock.monotonic(), clock.now()];
    const result = await attempt(integration, notice, signal);
    const durationMs = clock.monotonic() - started;
    metrics.requests.inc({ integration: kind });
    metrics.latency.observe({ integration: kind }, durationMs / 1000);
    trace.attempted(startedAt, durationMs, result);
    if (result.kind === "sent") {
      logger.debug("Notify success", { receiver: notice.receiver, integration: `${kind}[${index}]`, attempts });
      return result.data ?? notice.data;
    }
    metrics.requestsFailed.inc({ integration: kind });
    if (result.kind === "rejected") {
      const text = `${name}: notify retry canceled due to unrecoverable error after ${attempts} attempts: ${result.reason}`;
      throw new DeliveryError(text, result.failure);
    }
    if (!signal.aborted && result.reason !== last?.reason) {
      logger.warn("Notify attempt failed, will retry later", {
        receiver: notice.receiver,
        integration: `${kind}[${index}]`,
        attempts,
        err: result.reason,
      });
    }
    if (last === undefined || !signal.aborted) last = result;
    const wanted = result.kind === "retry" ? (result.retryAfterMs ?? 0) : 0;
    const wait = Math.max(wanted, pause * (1 - JITTER + 2 * JITTER * random()));
    trace.waitsUntil(clock.now() + wait);
    try {
      await clock.sleep(wait, signal);
    } catch {
      throw new DeliveryError(
        `${name}: notify retry canceled after ${attempts} attempts: ${last.reason}`,
        last.failure,
      );
    }
    pause = Math.min(pause * GROWTH, LAST_PAUSE_MS);
  }
}

/** An integration that throws has a bug or lost its connection in an unforeseen way: worth another try. */
async function attempt(integration: Integration, notice: GroupNotice, signal: AbortSignal): Promise<Delivery> {
  try {
    return await integration.deliver(notice, signal);
  } catch (error) {
    const failure = signal.aborted ? "contextDeadlineExceeded" : "other";
    return { kind: "retry", reason: error instanceof Error ? error.message : String(error), failure };
  }
}
