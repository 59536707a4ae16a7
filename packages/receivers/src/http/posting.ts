import type { HttpClientConfig } from "@narthex/config";
import type { Sender, SenderTools, Sending } from "../contract.ts";
import { type Delivery, deliveryFromAnswer } from "../delivery.ts";
import { type Answer, HttpPoster, isDelivery } from "./http-post.ts";
import { attempt } from "../refusal.ts";

/** One POST that tells a service of a notification. */
export interface Post {
  readonly url: string;
  /** JSON. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes before the reason where the service refuses. */
  readonly about?: string;
}

/**
 * A sender that makes one POST of each notification.
 *
 * @param compose may throw what attempt() knows
 * @param judge looks at an answer; default: at its status alone
 */
export async function openPosting(
  httpConfig: HttpClientConfig,
  tools: SenderTools,
  compose: (sending: Sending) => Promise<Post>,
  judge: (answer: Answer) => Delivery = deliveryFromAnswer,
): Promise<Sender> {
  const poster = await HttpPoster.open(httpConfig, tools);
  return {
    send: (sending) =>
      attempt("", async () => {
        const { url, body, headers = {}, about } = await compose(sending);
        const answer = await poster.post(url, body, { headers, signal: sending.signal });
        if (isDelivery(answer)) return answer;
        const delivery = judge(answer);
        if (delivery.kind === "sent" || about === undefined) return delivery;
        return { ...delivery, reason: `${about}: ${delivery.reason}` };
      }),
    close: () => poster.close(),
  };
}
