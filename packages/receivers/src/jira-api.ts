import { deliveryFromAnswer } from "./delivery.ts";
import { joinPath } from "./go-url.ts";
import { type HttpPoster, isDelivery, PLAIN_CLIENT } from "./http-post.ts";
import { Refusal } from "./refusal.ts";
import { Undelivered } from "./undelivered.ts";

const HEADERS = { "content-type": "application/json", "accept-language": "en", "user-agent": PLAIN_CLIENT };

/** Jira says so while it limits the rate. */
const RETRY_CODES = [429];

/** Jira's REST API, for one delivery. */
export class JiraApi {
  readonly #base: string;
  readonly #poster: HttpPoster;
  readonly #signal: AbortSignal;

  constructor(base: string, poster: HttpPoster, signal: AbortSignal) {
    this.#base = base;
    this.#poster = poster;
    this.#signal = signal;
  }

  url(path: string): string {
    return joinPath(this.#base, path);
  }

  /** The answer's body. Throws Undelivered unless the call succeeds, with `what` before the reason. */
  async call(method: "GET" | "POST" | "PUT", url: string, body: string | undefined, what = ""): Promise<string> {
    const answer = await this.#poster.post(url, body, { method, headers: HEADERS, signal: this.#signal });
    if (isDelivery(answer)) throw new Undelivered(answer, what);
    const delivery = deliveryFromAnswer(answer, RETRY_CODES);
    if (delivery.kind !== "sent") throw new Undelivered(delivery, what);
    return answer.body;
  }
}

/** An answer of the API. Throws Refusal, with `what` before the reason, for anything but a JSON object. */
export function parsedJson<T extends object>(body: string, what = ""): T {
  try {
    const value = JSON.parse(body) as unknown;
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // Said below.
  }
  throw new Refusal(`${what === "" ? "" : `${what}: `}the answer is not a JSON object: ${body}`);
}
