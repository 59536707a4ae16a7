import { decodeYaml, formatProblem } from "@narthex/config";
import { Labels } from "@narthex/model";
import { type Clock, type Logger, systemClock } from "@narthex/runtime";
import type { Delivery, Notification } from "@narthex/notification";
import { globalSection } from "../global-section.ts";
import { RateLimits } from "../http/rate-limits.ts";
import { openIntegration } from "../open-integration.ts";
import { receiverSection, resolveReceiver, type ReceiverConfig } from "../receiver-section.ts";
import { Renderer } from "../templates/renderer.ts";

/** A notification with one firing alert of the group alertname="A b". */
export const NOTIFICATION: Notification = {
  receiver: "all",
  alerts: [
    {
      labels: Labels.of({ alertname: "A b", i: "1", severity: "critical" }),
      annotations: Labels.of({ summary: "x <b> & é" }),
      startsAt: Date.UTC(2026, 10, 20, 6, 41, 19, 951),
      endsAt: 0,
      resolved: false,
      generatorUrl: "http://g/x?y=1&z=2",
      fingerprint: "d7c1dfd45bd2d6f7",
    },
  ],
  reason: "first notification",
  groupLabels: Labels.of({ alertname: "A b" }),
  routeLabels: new Map(),
  externalUrl: "http://vm:19093",
  groupKey: '{}:{alertname="A b"}',
  data: {},
  maxRetryAfterMs: 300_000,
};

/** SHA-256 hash of the group key in NOTIFICATION. */
export const KEY_HASH = "1db498480ec4eab785a9ebb077ea788c04edbf5d411b7603a47eb39ab9df71e6";

export const TOOLS = { userAgent: "Alertmanager/0.34.0", hostname: "vm" };

export const RESOLVED: Notification = {
  ...NOTIFICATION,
  reason: "all alerts resolved",
  alerts: NOTIFICATION.alerts.map((alert) => ({
    ...alert,
    resolved: true,
    endsAt: Date.UTC(2026, 10, 20, 6, 51),
  })),
};

/** Reads a receiver in YAML. Returns its errors, one line each. */
export function problemsOf(receiver: string, global = "{}"): readonly string[] {
  return load(receiver, global).problems;
}

function load(receiver: string, global: string) {
  const globals = decodeYaml(global, "am.yml", globalSection);
  const decoded = decodeYaml(receiver, "am.yml", receiverSection);
  const problems = [globals, decoded].flatMap((each) => (each.ok ? [] : each.problems.map(formatProblem)));
  if (!globals.ok || !decoded.ok) return { problems, receiver: undefined };
  const resolved = resolveReceiver(
    decoded.value,
    () => globals.value,
    (at, code, message, hint = "") => {
      problems.push(formatProblem({ ...at, file: "am.yml", code, message, hint }));
    },
  );
  return { problems, receiver: resolved };
}

interface OpenOptions {
  readonly global?: string;
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string>>;
  readonly rateLimits?: RateLimits;
  readonly logger?: Logger;
}

interface DeliverOptions {
  readonly notification?: Notification;
  readonly signal?: AbortSignal;
}

/** Opens the first integration of a receiver in YAML. Disposing of the result closes it. */
export async function openReceiver(
  receiver: string,
  options: OpenOptions = {},
): Promise<{ deliver(options?: DeliverOptions): Promise<Delivery>; [Symbol.asyncDispose](): Promise<void> }> {
  const loaded = load(receiver, options.global ?? "{}");
  if (loaded.receiver === undefined || loaded.problems.length > 0) throw new Error(loaded.problems.join("\n"));
  const clock = options.clock ?? systemClock;
  const rateLimits = options.rateLimits ?? new RateLimits(clock);
  const integration = await openIntegration(loaded.receiver.integrations[0]!, {
    tools: { ...TOOLS, clock, env: options.env ?? {}, rateLimits, logger: options.logger },
    renderer: Renderer.load([], () => systemClock.now()),
  });
  return {
    deliver: ({ notification = NOTIFICATION, signal = new AbortController().signal } = {}) =>
      integration.deliver(notification, signal),
    [Symbol.asyncDispose]: () => integration.close(),
  };
}

/** Reads a receiver in YAML. Throws if it has errors. */
export function loadReceiver(receiver: string, global = "{}"): ReceiverConfig {
  const loaded = load(receiver, global);
  if (loaded.receiver === undefined || loaded.problems.length > 0) throw new Error(loaded.problems.join("\n"));
  return loaded.receiver;
}

/** Sends one notification through the first integration of a receiver in YAML. */
export async function deliverOnce(receiver: string, options: DeliverOptions & OpenOptions = {}): Promise<Delivery> {
  await using opened = await openReceiver(receiver, options);
  return await opened.deliver(options);
}
