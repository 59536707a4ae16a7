import type { PanelFeeds } from "../../data/panel/panel-feeds.ts";

/** Selector of panels whose data or code is still loading. */
export const LOADING = '[data-panel-state="loading"], [data-panel-drawing]';

/** Waits until all panels in an element are loaded and rendered, or until the signal is aborted. */
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

/** Waits for two animation frames, because a plot is drawn one frame after its data has arrived. */
export const twoFrames = (): Promise<void> =>
  new Promise<void>((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
  });
