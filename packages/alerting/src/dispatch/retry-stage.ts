import { type Clock, isProgramFault, type Logger, type ReportError } from "@narthex/runtime";
import type { AlertingMetrics } from "./alerting-metrics.ts";
import type { DeliveryLimiter } from "./delivery-limiter.ts";
import {
  Backoff,
  type Delivery,
  DeliveryError,
  type FailedDelivery,
  type Integration,
  type Notification,
  retry,
} from "@narthex/notification";
import type { NotificationTrace } from "./notification-observer.ts";
import type { SharedLock } from "./notification-lock.ts";

const LOST = "broken off: the lease was lost, another instance may be sending";

export interface RetryStageOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AlertingMetrics;
  /** Reports an unexpected exception in a delivery attempt. Such an exception is a bug. */
  readonly reportError: ReportError;
  readonly limiter: DeliveryLimiter;
  /** Returns a random number in [0, 1). */
  readonly random: () => number;
  readonly trace: NotificationTrace;
  /** Lock that is released between attempts; undefined if this instance keeps the lock or needs no lock. */
  readonly lock?: SharedLock | undefined;
}

/**
 * Sends a notification. Repeats failed attempts until the integration accepts or rejects the notification, or the
 * signal aborts. Returns the data that the integration needs for the next notification. Returns undefined if another
 * instance has notified in the meantime. An attempt is aborted if its lock is lost, because another instance may then
 * be sending the notification. Throws DeliveryError.
 */
export async function deliverWithRetries(
  integration: Integration,
  notification: Notification,
  signal: AbortSignal,
  options: RetryStageOptions,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { clock, random, lock, trace } = options;
  const name = `${integration.kind}[${integration.index}]`;
  const origin = { receiver: notification.receiver, integration: name, aggrGroup: notification.groupKey };
  const backoff = new Backoff(random);
  let last: FailedDelivery | undefined;
  let attempts = 0;
  try {
    for (;;) {
      const attempted = await attemptWhileHeld(integration, notification, signal, options);
      if (attempted === undefined) {
        lock?.release();
        if ((await lock?.reacquire(signal)) === false) return undefined;
        continue;
      }
      const { started, result } = attempted;
      const unsent = isUnsent(result);
      if (!unsent) attempts++;
      if (result.kind === "sent") {
        const duration = `${((clock.monotonic() - started) / 1000).toFixed(6)}s`;
        const fields = { attempts, duration, numAlerts: notification.alerts.length };
        if (attempts > 1) options.logger.info("Notify success", { ...origin, ...fields });
        else options.logger.debug("Notify success", { ...origin, ...fields });
        return result.data ?? notification.data;
      }
      if (result.kind === "rejected") {
        const prefix = `${notification.receiver}/${name}: notify retry canceled due to unrecoverable error`;
        throw new DeliveryError(result, `${prefix} after ${attempts} attempts`);
      }
      // Does not report a failure that the end of the flush caused.
      if (!signal.aborted) {
        if (result.reason !== last?.reason && !unsent) {
          options.logger.warn("Notify attempt failed, will retry later", { ...origin, attempts, err: result.reason });
        }
        last = result;
      }
      const wait = backoff.pauseMs();
      if (!unsent) backoff.grow();
      // Waits for the time that a rate-limited service requests in its response, but not longer than a maximum, because
      // the group's next flush may be earlier.
      const retryAfterMs = Math.min(result.retryAfterMs ?? 0, notification.maxRetryAfterMs);
      const rest = Math.max(0, started + wait - clock.monotonic(), retryAfterMs);
      trace.waitsUntil(clock.now() + rest);
      lock?.release();
      await clock.sleep(rest, signal);
      if ((await lock?.reacquire(signal)) === false) return undefined;
    }
  } catch (error) {
    if (error instanceof DeliveryError || !signal.aborted) throw error;
    const prefix = `${notification.receiver}/${name}: notify retry canceled`;
    throw new DeliveryError(last ?? endOf(signal), `${prefix} after ${attempts} attempts`);
  }
}

/**
 * A finished delivery attempt and the time when it started. The wait for the next attempt is counted from this start,
 * so the next attempt follows a slow attempt without a pause.
 */
interface EndedAttempt {
  readonly started: number;
  readonly result: Delivery;
}

/**
 * Makes one delivery attempt while this instance has the lock. Returns undefined if the instance lost the lock before
 * the attempt ended.
 */
async function attemptWhileHeld(
  integration: Integration,
  notification: Notification,
  signal: AbortSignal,
  options: RetryStageOptions,
): Promise<EndedAttempt | undefined> {
  const { clock, limiter, lock } = options;
  const lost = lock?.lost;
  const isLost = (): boolean => lock?.isHeld() === false;
  if (isLost()) return undefined;
  const until = lost === undefined ? signal : AbortSignal.any([signal, lost]);
  try {
    await limiter.acquire(until);
  } catch (error) {
    if (lost?.aborted === true && !signal.aborted) return undefined;
    throw error;
  }
  // Checks the lock again after the attempt, because the process may have been suspended and the signal may abort too
  // late.
  if (isLost()) {
    limiter.release(undefined);
    return undefined;
  }
  const started = clock.monotonic();
  const result = await attempt(integration, notification, until, options);
  return result.kind === "retry" && lost?.aborted === true && !signal.aborted ? undefined : { started, result };
}

const isUnsent = (result: Delivery | undefined): boolean => result?.kind === "retry" && result.unsent === true;

/** Returns a failed result with the reason why the signal aborted before the receiver answered. */
function endOf(signal: AbortSignal): FailedDelivery {
  const reason = (signal.reason as Error).message;
  return retry(reason, reason === "context canceled" ? "contextCanceled" : "contextDeadlineExceeded");
}

/**
 * Makes one delivery attempt and counts it in the metrics. If the integration throws (a bug, or a connection that
 * breaks unexpectedly), the attempt is repeated later.
 */
async function attempt(
  integration: Integration,
  notification: Notification,
  signal: AbortSignal,
  { clock, limiter, metrics, lock, trace, reportError }: RetryStageOptions,
): Promise<Delivery> {
  const { kind } = integration;
  const [started, startedAt] = [clock.monotonic(), clock.now()];
  let result: Delivery | undefined;
  try {
    result = await integration.deliver(notification, signal);
  } catch (error) {
    if (isProgramFault(error)) reportError(error, { receiver: notification.receiver, integration: kind });
    result = retry(error instanceof Error ? error.message : String(error));
  } finally {
    limiter.release(signal.aborted || isUnsent(result) ? undefined : result);
  }
  if (isUnsent(result)) return result;
  if (result.kind === "retry" && lock?.lost?.aborted === true) result = { ...result, reason: LOST };
  const durationMs = clock.monotonic() - started;
  const labels = metrics.of(kind, notification.receiver);
  metrics.latency.observe(labels, durationMs / 1000);
  metrics.requests.inc(labels);
  if (result.kind !== "sent") metrics.requestsFailed.inc(labels);
  trace.attempted(startedAt, durationMs, result);
  return result;
}
