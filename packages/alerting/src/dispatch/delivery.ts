import type { Clock, Logger } from "@narthex/runtime";
import type { AlertingMetrics } from "./alerting-metrics.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { Delivery, FailureReason, GroupNotice, Integration } from "./integration.ts";
import type { NotificationTrace } from "./notification-observer.ts";
import type { SharedPause } from "./turn.ts";

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
  readonly lane: DeliveryLane;
  /** In [0, 1). */
  readonly random: () => number;
  readonly trace: NotificationTrace;
  /** Pauses between attempts that other instances may use. */
  readonly pauses?: SharedPause | undefined;
}

/** How an attempt that did not succeed ended. */
type Failed = Exclude<Delivery, { kind: "sent" }>;

/**
 * Tries until the integration takes the notice, refuses it, or the signal ends the flush. What it wants back next time;
 * undefined when another instance has told meanwhile. Throws DeliveryError.
 */
export async function deliver(
  integration: Integration,
  notice: GroupNotice,
  signal: AbortSignal,
  options: DeliveryOptions,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { clock, lane, pauses, random, trace } = options;
  const name = `${integration.kind}[${integration.index}]`;
  const origin = { receiver: notice.receiver, integration: name, aggrGroup: notice.groupKey };
  let pause = FIRST_PAUSE_MS;
  let last: Failed | undefined;
  let attempts = 0;
  try {
    for (;;) {
      await lane.enter(signal);
      // Pauses count from the beginning of an attempt: after one that took longer, the next follows at once.
      const started = clock.monotonic();
      const result = await attempt(integration, notice, signal, options);
      attempts++;
      if (result.kind === "sent") {
        const duration = `${((clock.monotonic() - started) / 1000).toFixed(6)}s`;
        const fields = { attempts, duration, numAlerts: notice.alerts.length };
        if (attempts > 1) options.logger.info("Notify success", { ...origin, ...fields });
        else options.logger.debug("Notify success", { ...origin, ...fields });
        return result.data ?? notice.data;
      }
      if (result.kind === "rejected") {
        const place = `${notice.receiver}/${name}: notify retry canceled due to unrecoverable error`;
        throw new DeliveryError(`${place} after ${attempts} attempts: ${result.reason}`, result.failure);
      }
      // What fails because the flush is over says nothing about the service.
      if (!signal.aborted) {
        if (result.reason !== last?.reason) {
          options.logger.warn("Notify attempt failed, will retry later", { ...origin, attempts, err: result.reason });
        }
        last = result;
      }
      const wait = pause * (1 - JITTER + 2 * JITTER * random());
      pause = Math.min(pause * GROWTH, LAST_PAUSE_MS);
      const rest = Math.max(0, started + wait - clock.monotonic());
      trace.waitsUntil(clock.now() + Math.max(rest, lane.closedMs));
      pauses?.begin();
      await clock.sleep(rest, signal);
      if (pauses !== undefined && !(await pauses.end(signal))) return undefined;
    }
  } catch (error) {
    if (error instanceof DeliveryError || !signal.aborted) throw error;
    const { reason, failure } = last ?? endOf(signal);
    const place = `${notice.receiver}/${name}: notify retry canceled`;
    throw new DeliveryError(`${place} after ${attempts} attempts: ${reason}`, failure);
  }
}

/** Why a flush ended before anything was known of the service. */
function endOf(signal: AbortSignal): Pick<Failed, "failure" | "reason"> {
  const reason = (signal.reason as Error).message;
  return { reason, failure: reason === "context canceled" ? "contextCanceled" : "contextDeadlineExceeded" };
}

/** One attempt, counted. An integration that throws has a bug or lost its connection in an unforeseen way: worth another try. */
async function attempt(
  integration: Integration,
  notice: GroupNotice,
  signal: AbortSignal,
  { clock, lane, metrics, trace }: DeliveryOptions,
): Promise<Delivery> {
  const { kind } = integration;
  const [started, startedAt] = [clock.monotonic(), clock.now()];
  let result: Delivery | undefined;
  try {
    result = await integration.deliver(notice, signal);
  } catch (error) {
    result = { kind: "retry", reason: error instanceof Error ? error.message : String(error), failure: "other" };
  } finally {
    lane.leave(signal.aborted ? undefined : result);
  }
  const durationMs = clock.monotonic() - started;
  const labels = metrics.of(kind, notice.receiver);
  metrics.latency.observe(labels, durationMs / 1000);
  metrics.requests.inc(labels);
  if (result.kind !== "sent") metrics.requestsFailed.inc(labels);
  trace.attempted(startedAt, durationMs, result);
  return result;
}
