import type { AlertContextOptions, ContextConfig } from "@narthex/alert-context";
import { type AlertHistory, pastFirings, type PipelineOptions } from "@narthex/alerting";
import { decodeYaml, diskFiles, formatProblem, type Section, SourceError } from "@narthex/config";
import type { Feature } from "@narthex/http";
import { type Clock, runInTimeSlices } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { StateStores } from "../state/state-stores.ts";

/** The source of the contexts of notifications. Without `--notification.context-file`, `contextOf` is undefined. */
export interface NotificationContextFeature extends Feature {
  readonly contextOf: PipelineOptions["contextOf"];
}

const DAY_MS = 86_400_000;
/** Time for which notifications share the numbers of earlier firings, ms. */
const COUNTED_MS = 2000;
/** Times in days for which earlier firings are counted, if the history is long enough. */
const DAYS = [7, 30];

/**
 * Opens the source of contexts. If the file of `--notification.context-file` is invalid, logs its problems and resolves
 * with undefined.
 */
export async function openNotificationContext(
  context: Context,
  { alertHistory }: StateStores,
): Promise<NotificationContextFeature | undefined> {
  const name = "notification context";
  const { build, clock, flags, logger, metrics } = context;
  if (flags["notification.context-file"] === "") return { name, contextOf: undefined };
  // Loads the code of pictures only if it is used.
  const { AlertContext, contextSection } = await import("@narthex/alert-context");
  const config = await readConfig(context, contextSection);
  if (config === undefined) return undefined;
  const failures = metrics.counter(
    "narthex_notification_context_failures_total",
    "The total number of notifications that were sent without a part of their context.",
    ["part"],
  );
  for (const part of ["picture", "deployments"]) failures.inc({ part }, 0);
  const days = historyDays(flags["data.retention"]);
  try {
    const source = await AlertContext.open({
      config,
      clock,
      logger,
      userAgent: `Alertmanager/${build.version}`,
      pastFirings: firingsOf(alertHistory, days, clock),
      onFailure: (part) => failures.inc({ part }),
    });
    return { name, contextOf: (alerts, signal) => source.of(alerts, signal), stop: () => source.close() };
  } catch (error) {
    logger.error("Opening the source of contexts failed", { err: error });
    return undefined;
  }
}

/**
 * Returns a function that counts how often alerts with a name have fired. Notifications at almost the same time share
 * one look at the history, because the history has up to 50,000 events.
 */
function firingsOf(
  history: Pick<AlertHistory, "events" | "labelsOf">,
  days: readonly number[],
  clock: Clock,
): AlertContextOptions["pastFirings"] {
  const nameOf = (fingerprint: string): string | undefined => history.labelsOf(fingerprint)?.get("alertname");
  const none = days.map((count) => ({ days: count, count: 0, medianMs: undefined }));
  let counted: ReturnType<typeof counts> | undefined;
  let until = -Infinity;
  const counts = async () => runInTimeSlices(clock, pastFirings(history.events(), nameOf, days, clock.now()));
  return async (alertname) => {
    if (counted === undefined || clock.monotonic() >= until) {
      counted = counts();
      until = clock.monotonic() + COUNTED_MS;
    }
    return (await counted).get(alertname) ?? none;
  };
}

/** Returns the numbers of days for which firings are counted. The history has only events of the retention time. */
function historyDays(retentionMs: number): readonly number[] {
  const kept = Math.max(1, Math.floor(retentionMs / DAY_MS));
  const days = DAYS.filter((count) => count <= kept);
  return days.length === 0 ? [kept] : days;
}

async function readConfig(
  { flags, host, logger }: Context,
  shape: Section<ContextConfig>,
): Promise<ContextConfig | undefined> {
  const file = flags["notification.context-file"];
  try {
    const decoded = decodeYaml(await diskFiles.read(file), file, shape, { environment: host.env });
    if (decoded.ok) return decoded.value;
    for (const problem of decoded.problems)
      logger.error("Reading the file of contexts failed", { err: formatProblem(problem) });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    logger.error("Reading the file of contexts failed", { err: error.message });
  }
  return undefined;
}
