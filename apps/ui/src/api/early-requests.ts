import { monotonicMs } from "../time/browser-clock.ts";
import { fetchJson } from "./request.ts";

/** Maximum age of an early answer, ms. An older answer is not used, and the request is sent again. */
const KEPT_MS = 10_000;

const sent = new Map<string, { readonly answer: Promise<unknown>; readonly at: number }>();

/** Requests JSON that a page will need, while the page's code is still loading. */
export function sendEarly(url: string): void {
  const answer = fetchJson<unknown>(url, { isPreloaded: true });
  // Prevents the browser from reporting an unhandled rejection. The caller of `takeEarly` handles the error.
  answer.catch(() => undefined);
  sent.set(url, { answer, at: monotonicMs() });
}

/** Returns the response of an early request to its first caller, or undefined if no early request was sent. */
export function takeEarly<T>(url: string): Promise<T> | undefined {
  const early = sent.get(url);
  sent.delete(url);
  return early !== undefined && monotonicMs() - early.at < KEPT_MS ? (early.answer as Promise<T>) : undefined;
}
