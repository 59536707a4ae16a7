import type { PanelFeeds } from "../../panel/panel-feeds.ts";

/** Panels without their answers, and those whose renderer is still being loaded. */
const LOADING = '[data-panel-state="loading"], [data-panel-drawing]';

/** Waits until every panel within an element has been answered and drawn, or the signal ends it. */
export function untilDrawn(
  host: Element,
  feeds: Pick<PanelFeeds, "isBusy" | "watch">,
  signal: AbortSignal,
): Promise<void> {
  return new Promise<void>((resolve) => {
    const end = (): void => {
      observer.disconnect();
      leave();
      resolve();
    };
    const look = (): void => {
      if (!signal.aborted && (feeds.isBusy() || host.querySelector(LOADING) !== null)) return;
      end();
    };
    const observer = new MutationObserver(look);
    const leave = feeds.watch(look);
    signal.addEventListener("abort", look, { once: true });
    observer.observe(host, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-panel-state"] });
    look();
  }).then(() => twoFrames());
}

/** Plots are drawn in the frame after that in which their data came. */
const twoFrames = (): Promise<void> =>
  new Promise<void>((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
