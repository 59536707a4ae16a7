import { deliveryFromAnswer } from "../delivery.ts";
import { joinPath } from "../http/go-url.ts";
import { type HttpPoster, isDelivery, PLAIN_CLIENT } from "../http/http-post.ts";
import { Refusal } from "../refusal.ts";
import { Undelivered } from "../undelivered.ts";

const HEADERS = { "content-type": "application/json", "accept-language": "en", "user-agent": PLAIN_CLIENT };

/** A workflow may have many transitions, each told at length; bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;

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
    const options = { method, headers: HEADERS, maxAnswer: MAX_ANSWER, signal: this.#signal };
    const answer = await this.#poster.post(url, body, options);
    if (isDelivery(answer)) throw new Undelivered(answer, what);
    const delivery = deliveryFromAnswer(answer, RETRY_CODES);
    if (delivery.kind !== "sent") throw new Undelivered(delivery, what);
    return answer.body;
  }
}

/** A list in an answer; empty where it is missing. Throws Refusal, with `what` before the reason, for anything else. */
export function listIn<T extends object>(body: string, key: string, what = ""): readonly T[] {
  try {
    const list = (JSON.parse(body) as Readonly<Record<string, unknown>> | null)?.[key] ?? [];
    if (Array.isArray(list) && list.every((item) => typeof item === "object" && item !== null)) return list as T[];
  } catch {
    // Said below.
  }
  throw new Refusal(`${what === "" ? "" : `${what}: `}the answer has no list of ${key}: ${body}`);
}
