import type { HttpClientConfig } from "@narthex/config";
import { deliveryFromAnswer, type Delivery } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { HttpPoster, isDelivery, type Answer } from "./http-poster.ts";
import type { Sender, SenderTools } from "../receiver-kind.ts";

export interface Post {
  readonly url: string;
  /** Body of the request as JSON. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Prefix of the error message if the request fails. */
  readonly about?: string;
}

/**
 * Returns a sender that makes one POST request for each notification.
 * @param compose returns the content of the request; deliveryOutcome() handles its errors
 * @param judge decides from the response whether the delivery succeeded. Default: by the status only
 */
export async function openPostSender(
  httpConfig: HttpClientConfig,
  tools: SenderTools,
  compose: (attempt: Attempt) => Promise<Post>,
  judge: (answer: Answer) => Delivery = deliveryFromAnswer,
): Promise<Sender> {
  const poster = await HttpPoster.open(httpConfig, tools);
  return {
    send: async (attempt) => {
      const { url, body, headers = {}, about } = await compose(attempt);
      const answer = await poster.post(url, body, { headers, attempt });
      if (isDelivery(answer)) return answer;
      const delivery = judge(answer);
      if (delivery.kind === "sent" || about === undefined) return delivery;
      return { ...delivery, reason: `${about}: ${delivery.reason}` };
    },
    close: () => poster.close(),
  };
}
