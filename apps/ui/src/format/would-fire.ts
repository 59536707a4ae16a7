import { humanizeDuration } from "./duration.ts";

/**
 * Describes when a pending alert would fire. A rule decides only at its next evaluation, so a time that has passed means
 * that the evaluation is due.
 * @param firesAt end of the rule's `for`, epoch ms
 */
export function wouldFireText(firesAt: number, nowMs: number): string {
  const rest = Math.ceil((firesAt - nowMs) / 1000) * 1000;
  return rest <= 0 ? "would fire at the next evaluation" : `would fire in ${humanizeDuration(rest)}`;
}
