import { GoTime } from "@narthex/template";
import type { Clock } from "@narthex/runtime";
import type { Sender, SenderTools } from "./contract.ts";
import type { Delivery } from "./delivery.ts";
import type { Notice } from "./templates/notice-data.ts";
import type { ConfiguredIntegration, ReceiverConfig } from "./receiver-section.ts";
import type { Renderer } from "./templates/renderer.ts";

/** A service that has not answered by then counts as failed, ms. */
const PATIENCE_MS = 20_000;

/** What became of one integration's test. */
export interface TestOutcome {
  readonly integration: string;
  readonly index: number;
  readonly outcome: "failed" | "sent";
  /** Why it failed. */
  readonly reason?: string;
  /** A notification would be tried again. */
  readonly isRetried?: boolean;
  readonly durationMs: number;
}

/** What a test is sent with. */
export interface TestSurroundings {
  readonly tools: SenderTools;
  readonly renderer: Renderer;
  readonly signal?: AbortSignal;
}

/** Labels and annotations of a test besides its own. */
export interface TestContents {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A notification that says that it is a test, under a group of its own. */
export function testNotice(
  receiver: string,
  { labels, annotations }: TestContents,
  { now, externalUrl, fingerprintOf }: TestFacts,
): Notice {
  const marked = { alertname: "TestNotification", severity: "info", ...labels, test: "true" };
  const groupLabels = { alertname: marked.alertname, test: "true" };
  return {
    receiver,
    alerts: [
      {
        status: "firing",
        labels: marked,
        annotations: {
          summary: `Test notification to the receiver ${receiver}`,
          description: "Somebody tries whether notifications arrive. Nothing is wrong.",
          ...annotations,
        },
        startsAt: GoTime.ofMilliseconds(now),
        endsAt: GoTime.ZERO,
        generatorUrl: externalUrl,
        fingerprint: fingerprintOf(marked),
      },
    ],
    reason: "first notification",
    groupLabels,
    routeLabels: {},
    externalUrl,
    // No route has such a key: a test never meets a real group's message.
    groupKey: `test/${receiver}/${Math.floor(now)}`,
  };
}

export interface TestFacts {
  /** Unix ms. */
  readonly now: number;
  readonly externalUrl: string;
  readonly fingerprintOf: (labels: Readonly<Record<string, string>>) => string;
}

/** Sends a notice once through integrations of a receiver, each by itself; nothing is remembered of it. */
export const sendTest = (
  integrations: ReceiverConfig["integrations"],
  notice: Notice,
  surroundings: TestSurroundings,
): Promise<readonly TestOutcome[]> => Promise.all(integrations.map((each) => sendOne(each, notice, surroundings)));

async function sendOne(
  { kind, index, config }: ConfiguredIntegration,
  notice: Notice,
  { tools, renderer, signal }: TestSurroundings,
): Promise<TestOutcome> {
  const { clock } = tools;
  const started = clock.monotonic();
  const delivery = await withPatience(clock, signal, async (patience) => {
    let sender: Sender | undefined;
    try {
      sender = await kind.open(config, tools);
      return await sender.send({ notice, render: renderer.for(notice), data: {}, signal: patience });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "rejected", reason, failure: "other" };
    } finally {
      await sender?.close();
    }
  });
  const durationMs = clock.monotonic() - started;
  const place = { integration: kind.kind, index, durationMs };
  if (delivery.kind === "sent") return { ...place, outcome: "sent" };
  return { ...place, outcome: "failed", reason: delivery.reason, isRetried: delivery.kind === "retry" };
}

async function withPatience(
  clock: Clock,
  outer: AbortSignal | undefined,
  send: (signal: AbortSignal) => Promise<Delivery>,
): Promise<Delivery> {
  const timer = new AbortController();
  const cancel = clock.after(PATIENCE_MS, () => timer.abort(new Error("context deadline exceeded")));
  try {
    return await send(outer === undefined ? timer.signal : AbortSignal.any([timer.signal, outer]));
  } finally {
    cancel();
  }
}
