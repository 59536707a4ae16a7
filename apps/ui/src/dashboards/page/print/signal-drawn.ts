import type { QueryClient } from "@tanstack/react-query";
import type { PanelFeeds } from "../../data/panel/panel-feeds.ts";
import { LOADING, twoFrames } from "./until-drawn.ts";

/** The function that the program which renders the page adds to it. */
export interface DrawnReceiver {
  narthexDrawn?: (heights: string) => void;
}

interface SignalOptions {
  readonly host: HTMLElement;
  readonly feeds: Pick<PanelFeeds, "isBusy" | "watch">;
  readonly client: QueryClient;
  /** Selector of an element that exists when the panels are on the page. */
  readonly awaited: string;
  /** Receives the heights of the page's content and of the window, CSS pixels, separated by a blank. */
  readonly send: (heights: string) => void;
  readonly signal: AbortSignal;
}

/** Calls `send` when all panels are drawn, and again after each change of the window's size. */
export function signalDrawn({ host, feeds, client, awaited, send, signal }: SignalOptions): void {
  const has = (selector: string): boolean => host.querySelector(selector) !== null;
  const isBusy = (): boolean => feeds.isBusy() || client.isFetching() > 0 || has(LOADING) || !has(awaited);
  let isChecking = false;
  /** Number of the window's size, which grows with each change of the size, and the number for which a signal was sent. */
  let [sizeNumber, signalledNumber] = [1, 0];
  const look = async (): Promise<void> => {
    if (isChecking) return;
    isChecking = true;
    let seen: number;
    do {
      seen = sizeNumber;
      // A panel that comes into sight begins to load one frame later, and a plot is drawn one frame after its data.
      await document.fonts.ready;
      await twoFrames();
    } while (seen !== sizeNumber && !signal.aborted);
    isChecking = false;
    if (signal.aborted || isBusy() || signalledNumber === sizeNumber) return;
    signalledNumber = sizeNumber;
    send(`${contentHeight(host)} ${innerHeight}`);
  };
  const again = (): void => void look();
  const observer = new MutationObserver(again);
  observer.observe(host, { subtree: true, childList: true, attributes: true });
  const leaves = [feeds.watch(again), client.getQueryCache().subscribe(again)];
  const resize = (): void => {
    sizeNumber++;
    again();
  };
  addEventListener("resize", resize, { signal });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    for (const leave of leaves) leave();
  });
  again();
}

/** Returns the height of the panels with the space below them, without the rest of the window. */
const contentHeight = (host: HTMLElement): number => {
  const root = host.querySelector("[data-dashboard-uid]") ?? host;
  return Math.ceil(root.getBoundingClientRect().bottom + scrollY + BELOW_PX);
};

const BELOW_PX = 16;
