import type { ContextPicture, NotificationAlert, NotificationContext, PastFirings } from "@narthex/notification";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { alertQuery, expressionIn } from "./alert-query.ts";
import { drawAlertPicture } from "./alert-picture.ts";
import { alertSeries, stepOf, type TimeRange } from "./alert-series.ts";
import type { ContextConfig } from "./context-config.ts";
import { deploymentLines, firingLines } from "./context-lines.ts";
import { type Deployment, recentDeployments } from "./deployments.ts";
import { PictureSlots } from "./picture-slots.ts";
import { RoleClient } from "./role-client.ts";

/** Parts of a context, which can fail separately. */
export type ContextPart = "picture" | "deployments";

export interface AlertContextOptions {
  readonly config: ContextConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
  /** Resolves with how often alerts with a name have fired. */
  readonly pastFirings: (alertname: string) => Promise<readonly PastFirings[]>;
  /** Called for each context that lacks a part because of an error or the deadline. */
  readonly onFailure: (part: ContextPart) => void;
}

/** Alerts of a group whose series are shown. */
const MAX_ALERTS = 100;
/** Time for which notifications share a list of deployments, ms. */
const DEPLOYMENTS_MS = 2000;

/** Collects facts about the cause of alerts: a picture of their values, deployments, and past firings. */
export class AlertContext {
  readonly #options: AlertContextOptions;
  readonly #server: RoleClient | undefined;
  readonly #dashboards: RoleClient | undefined;
  readonly #logs: Readonly<Record<ContextPart, StateLog>>;
  readonly #slots = new PictureSlots();
  #deployed: { readonly until: number; readonly found: Promise<readonly Deployment[]> } | undefined;

  private constructor(
    options: AlertContextOptions,
    server: RoleClient | undefined,
    dashboards: RoleClient | undefined,
  ) {
    this.#options = options;
    this.#server = server;
    this.#dashboards = dashboards;
    const { logger } = options;
    this.#logs = {
      picture: logOnChange(logger, "The picture of notifications"),
      deployments: logOnChange(logger, "The list of deployments in notifications"),
    };
  }

  static async open(options: AlertContextOptions): Promise<AlertContext> {
    const { server, dashboards } = options.config;
    const opened = server && (await RoleClient.open(server, options));
    return new AlertContext(options, opened, dashboards && (await RoleClient.open(dashboards, options)));
  }

  /** Returns the context of alerts. Never rejects. Parts that are not ready at the deadline are missing. */
  async of(alerts: readonly NotificationAlert[], signal: AbortSignal): Promise<NotificationContext> {
    const { clock, config, pastFirings } = this.#options;
    const now = clock.now();
    const range = { from: now - config.rangeMs, to: now };
    const timer = new AbortController();
    const cancel = clock.after(config.timeoutMs, () => timer.abort(new Error("the deadline is over")));
    const until = AbortSignal.any([signal, timer.signal]);
    const stopped = aborted(until);
    try {
      const found = this.#part("deployments", this.#deployments(range), stopped);
      const drawing = async (): Promise<ContextPicture | undefined> =>
        this.#picture(alerts, range, (await found) ?? [], until);
      const picture = await this.#part("picture", this.#slots.run(until, drawing), stopped);
      const alertname = shownAlert(alerts)?.labels.get("alertname") ?? "";
      const lines = [
        ...deploymentLines((await found) ?? [], config.timeZone),
        ...(alertname === "" ? [] : firingLines(alertname, await pastFirings(alertname))),
      ];
      return { lines, picture };
    } finally {
      cancel();
    }
  }

  /** Returns a part of the context, or undefined if it fails or is not ready in time. */
  async #part<T>(part: ContextPart, work: Promise<T>, stopped: Promise<undefined>): Promise<T | undefined> {
    const failed = (error: unknown): undefined => {
      this.#options.onFailure(part);
      this.#logs[part].failed(error instanceof Error ? error.message : String(error));
      return undefined;
    };
    const isLate = Symbol("late");
    const late = stopped.then(() => isLate);
    try {
      const result = await Promise.race([work, late]);
      if (result === isLate) return failed(new Error("the deadline is over"));
      this.#logs[part].succeeded();
      return result as T;
    } catch (error) {
      return failed(error);
    }
  }

  /** Resolves with the deployments in a range. Notifications at almost the same time share one request. */
  async #deployments(range: TimeRange): Promise<readonly Deployment[]> {
    const { clock, config } = this.#options;
    if (this.#dashboards === undefined || config.deploymentTags.length === 0) return [];
    if (this.#deployed !== undefined && range.to < this.#deployed.until) return this.#deployed.found;
    const timer = new AbortController();
    const cancel = clock.after(config.timeoutMs, () => timer.abort(new Error("the deadline is over")));
    const found = recentDeployments(this.#dashboards, config.deploymentTags, range, timer.signal).finally(cancel);
    this.#deployed = { until: range.to + DEPLOYMENTS_MS, found };
    return found;
  }

  async #picture(
    alerts: readonly NotificationAlert[],
    range: TimeRange,
    deployments: readonly Deployment[],
    signal: AbortSignal,
  ): Promise<ContextPicture | undefined> {
    if (this.#server === undefined) return undefined;
    const { clock, config } = this.#options;
    const first = shownAlert(alerts);
    const expression = first && expressionIn(first.generatorUrl);
    const asked = expression === undefined ? undefined : alertQuery(expression);
    if (first === undefined || asked === undefined) return undefined;
    const alike = alerts.filter(({ generatorUrl }) => generatorUrl === first.generatorUrl).slice(0, MAX_ALERTS);
    const labels = alike.map((alert) => alert.labels);
    const series = await alertSeries(this.#server, asked.query, range, labels, signal);
    if (series.length === 0) return undefined;
    const marks = deployments.map(({ time, text }) => ({ time, text }));
    const firings = alike.filter(({ startsAt }) => startsAt >= range.from).slice(0, 1);
    return drawAlertPicture(
      {
        kind: "timeseries",
        title: `${first.labels.get("alertname") ?? "alert"}: ${expression}`,
        series,
        ...range,
        zone: config.timeZone,
        stepMs: stepOf(range),
        fill: series.length === 1 ? 0.08 : 0,
        thresholds: asked.threshold === undefined ? [] : [{ value: asked.threshold }],
        marks: [...marks, ...firings.map(({ startsAt }) => ({ time: startsAt, text: "fires", color: "red" }))],
      },
      config.theme,
      clock,
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#server?.close(), this.#dashboards?.close()]);
  }
}

/** Returns the alert that a context is about: the first one that fires, or the first one. */
const shownAlert = (alerts: readonly NotificationAlert[]): NotificationAlert | undefined =>
  alerts.find(({ resolved }) => !resolved) ?? alerts[0];

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
