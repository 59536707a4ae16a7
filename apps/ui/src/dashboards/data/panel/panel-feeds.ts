import { panelKey } from "@narthex/dashboards";
import { type SendQueries, PanelFeed } from "./panel-feed.ts";

/** Maximum number of panels whose data is kept while they are out of sight. */
const MAX_KEPT = 200;

/** The data of all panels of a dashboard. Data is kept when the card that shows it is removed from the page. */
export class PanelFeeds {
  readonly #send: SendQueries;
  readonly #feeds = new Map<string, PanelFeed>();
  readonly #listeners = new Set<() => void>();
  #isBusy = false;

  constructor(send: SendQueries) {
    this.#send = send;
  }

  /**
   * Returns the feed (the object that requests and keeps a panel's data) for a key.
   * @param key key that distinguishes the panel from its clones
   */
  of(key: string): PanelFeed {
    const known = this.#feeds.get(key);
    const feed = known ?? new PanelFeed(this.#send, (panelId) => this.of(panelKey(panelId)), this.#runningChanged);
    // Moves the feed to the end of the map. The feeds at the start of the map were not used for the longest time and
    // are removed first.
    this.#feeds.delete(key);
    this.#feeds.set(key, feed);
    if (known === undefined) this.#forgetOldest();
    return feed;
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reports whether a request of any panel is running. */
  readonly isBusy = (): boolean => this.#isBusy;

  readonly #runningChanged = (): void => {
    const isBusy = [...this.#feeds.values()].some(({ isRunning }) => isRunning);
    if (isBusy === this.#isBusy) return;
    this.#isBusy = isBusy;
    for (const listener of this.#listeners) listener();
  };

  #forgetOldest(): void {
    let over = this.#feeds.size - MAX_KEPT;
    for (const [key, feed] of this.#feeds) {
      if (over <= 0) return;
      if (feed.isInUse) continue;
      this.#feeds.delete(key);
      over--;
    }
  }
}
