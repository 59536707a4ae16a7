import { monotonicMs } from "../time/browser-clock.ts";
import { callBare } from "./request.ts";

/** What is older is asked anew. */
const KEPT_MS = 10_000;

const sent = new Map<string, { readonly answer: Promise<unknown>; readonly at: number }>();

/** Asks for JSON that a page will want, while its code is still on the way. */
export function sendEarly(url: string): void {
  const answer = callBare<unknown>(url, { isPreloaded: true });
  // Whoever takes it hears of a failure.
  answer.catch(() => undefined);
  sent.set(url, { answer, at: monotonicMs() });
}

/** The answer of what was asked early, for whoever comes first; undefined where nothing was. */
export function takeEarly<T>(url: string): Promise<T> | undefined {
  const early = sent.get(url);
  sent.delete(url);
  return early !== undefined && monotonicMs() - early.at < KEPT_MS ? (early.answer as Promise<T>) : undefined;
}
