import type { Delivery } from "@narthex/notification";
import { httpSink, type SinkAnswer } from "./http-sink.ts";
import { deliverOnce } from "./open-receiver.ts";

/**
 * Sends a notification to a simulated service that responds with `answer`. Returns the outcome, such as `retry
 * serverError: reason`, with the waiting time that the service asked for.
 */
export async function outcomeOf(
  answer: SinkAnswer,
  receiver: (url: string) => string,
  options: Parameters<typeof deliverOnce>[1] = {},
): Promise<string> {
  await using sink = await httpSink(answer);
  return shown(await deliverOnce(receiver(sink.url), options));
}

/** Returns the outcome of a delivery as one line of text. */
export function shown(delivery: Delivery): string {
  if (delivery.kind === "sent") return "sent";
  const pause = "retryAfterMs" in delivery ? ` after ${delivery.retryAfterMs} ms` : "";
  return `${delivery.kind}${pause} ${delivery.failure}: ${delivery.reason}`;
}
