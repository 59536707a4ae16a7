import { decodeYaml, formatProblem } from "@narthex/config";
import { GoTime } from "@narthex/template";
import { type Clock, systemClock } from "@narthex/runtime";
import { globalSection } from "../global-section.ts";
import type { Sending } from "../contract.ts";
import type { Delivery } from "../delivery.ts";
import type { Notice } from "../templates/notice-data.ts";
import { type ReceiverConfig, receiverSection, resolveReceiver } from "../receiver-section.ts";
import { Renderer } from "../templates/renderer.ts";

/** One firing alert of the group alertname="A b". */
export const NOTICE: Notice = {
  receiver: "all",
  alerts: [
    {
      status: "firing",
      labels: { alertname: "A b", i: "1", severity: "critical" },
      annotations: { summary: "x <b> & é" },
      startsAt: GoTime.ofMilliseconds(Date.UTC(2026, 10, 20, 6, 41, 19, 951)),
      endsAt: GoTime.ZERO,
      generatorUrl: "http://g/x?y=1&z=2",
      fingerprint: "d7c1dfd45bd2d6f7",
    },
  ],
  reason: "first notification",
  groupLabels: { alertname: "A b" },
  routeLabels: {},
  externalUrl: "http://vm:19093",
  groupKey: '{}:{alertname="A b"}',
};

/** SHA-256 of the group's key. */
export const KEY_HASH = "1db498480ec4eab785a9ebb077ea788c04edbf5d411b7603a47eb39ab9df71e6";

export const TOOLS = { userAgent: "Alertmanager/0.34.0", hostname: "vm" };

/** The same alert, over. */
export const RESOLVED: Notice = {
  ...NOTICE,
  reason: "all alerts resolved",
  alerts: NOTICE.alerts.map((alert) => ({
    ...alert,
    status: "resolved",
    endsAt: GoTime.ofMilliseconds(Date.UTC(2026, 10, 20, 6, 51)),
  })),
};

/** Problems of a receiver's YAML under a `global`, one line each. */
export function problemsOf(receiver: string, global = "{}"): readonly string[] {
  return load(receiver, global).problems;
}

function load(receiver: string, global: string) {
  const globals = decodeYaml(global, "am.yml", globalSection);
  const decoded = decodeYaml(receiver, "am.yml", receiverSection);
  const problems = [globals, decoded].flatMap((each) => (each.ok ? [] : each.problems.map(formatProblem)));
  if (!globals.ok || !decoded.ok) return { problems, receiver: undefined };
  const resolved = resolveReceiver(decoded.value, globals.value, (at, code, message, mend = "") => {
    problems.push(formatProblem({ ...at, file: "am.yml", code, message, mend }));
  });
  return { problems, receiver: resolved };
}

interface OpenOptions {
  readonly global?: string;
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string>>;
}

interface DeliverOptions {
  readonly notice?: Notice;
  readonly signal?: AbortSignal;
  readonly data?: Sending["data"];
}

/** The first integration of a receiver's YAML, open until it is disposed of. */
export async function openReceiver(
  receiver: string,
  options: OpenOptions = {},
): Promise<{ deliver(options?: DeliverOptions): Promise<Delivery>; [Symbol.asyncDispose](): Promise<void> }> {
  const loaded = load(receiver, options.global ?? "{}");
  if (loaded.receiver === undefined || loaded.problems.length > 0) throw new Error(loaded.problems.join("\n"));
  const { kind, config } = loaded.receiver.integrations[0]!;
  const sender = await kind.open(config, { ...TOOLS, clock: options.clock ?? systemClock, env: options.env ?? {} });
  return {
    deliver({ notice = NOTICE, data = {}, signal = new AbortController().signal } = {}) {
      const render = Renderer.load([], () => systemClock.now()).for(notice);
      return sender.send({ notice, render, data, signal });
    },
    [Symbol.asyncDispose]: () => sender.close(),
  };
}

/** A receiver's YAML, loaded; throws what is wrong with it. */
export function loadReceiver(receiver: string, global = "{}"): ReceiverConfig {
  const loaded = load(receiver, global);
  if (loaded.receiver === undefined || loaded.problems.length > 0) throw new Error(loaded.problems.join("\n"));
  return loaded.receiver;
}

/** Delivers one notice through the first integration of a receiver's YAML. */
export async function deliverOnce(receiver: string, options: DeliverOptions & OpenOptions = {}): Promise<Delivery> {
  await using opened = await openReceiver(receiver, options);
  return await opened.deliver(options);
}
