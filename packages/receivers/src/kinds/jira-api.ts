import { DeliveryError, PermanentError, deliveryFromAnswer } from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { joinPath } from "../http/go-url.ts";
import { PLAIN_CLIENT, isDelivery, type HttpPoster } from "../http/http-poster.ts";

const HEADERS = { "content-type": "application/json", "accept-language": "en", "user-agent": PLAIN_CLIENT };

/** Maximum size in bytes of a response from Jira. A workflow may have many transitions with long descriptions. */
const MAX_ANSWER = 4 * 1024 * 1024;

/** Status codes of Jira after which a request may be retried. */
const RETRY_CODES = [429];

export class JiraApi {
  readonly #base: string;
  readonly #poster: HttpPoster;
  readonly #attempt: Attempt;

  constructor(base: string, poster: HttpPoster, attempt: Attempt) {
    this.#base = base;
    this.#poster = poster;
    this.#attempt = attempt;
  }

  url(path: string): string {
    return joinPath(this.#base, path);
  }

  /**
   * Sends a request and returns the body of the response. Throws DeliveryError, whose message begins with `what`, if
   * the request fails.
   */
  async call(method: "GET" | "POST" | "PUT", url: string, body: string | undefined, what = ""): Promise<string> {
    const options = { method, headers: HEADERS, maxAnswer: MAX_ANSWER, attempt: this.#attempt };
    const answer = await this.#poster.post(url, body, options);
    if (isDelivery(answer)) throw new DeliveryError(answer, what);
    const delivery = deliveryFromAnswer(answer, RETRY_CODES);
    if (delivery.kind !== "sent") throw new DeliveryError(delivery, what);
    return answer.body;
  }
}

/**
 * Returns the list under `key` in a JSON response, or an empty list if it is missing. Throws PermanentError, whose
 * message begins with `what`, for another type.
 */
export function listIn<T extends object>(body: string, key: string, what = ""): readonly T[] {
  try {
    const list = (JSON.parse(body) as Readonly<Record<string, unknown>> | null)?.[key] ?? [];
    if (Array.isArray(list) && list.every((item) => typeof item === "object" && item !== null)) return list as T[];
  } catch {
    // Ignores the parser's error, because the error below reports a response that is not JSON.
  }
  throw new PermanentError(`${what === "" ? "" : `${what}: `}the answer has no list of ${key}: ${body}`);
}
