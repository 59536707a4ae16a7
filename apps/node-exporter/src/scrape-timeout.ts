/** Time for sending the answer, and for the network: half a second, less of a short timeout. */
const MARGIN_MS = 500;
const MARGIN_SHARE = 0.1;

/**
 * How long the collectors may take for a scraper that gives up after so many seconds
 * (`X-Prometheus-Scrape-Timeout-Seconds`); undefined where it does not say.
 */
export function scrapeLimitMs(header: string | undefined): number | undefined {
  const timeoutMs = Number(header) * 1000;
  if (!(timeoutMs > 0)) return undefined;
  return timeoutMs - Math.min(MARGIN_MS, timeoutMs * MARGIN_SHARE);
}
