import { panelKey } from "@narthex/dashboards";
import { nowMs } from "../../../time/browser-clock.ts";
import { type SendQueries, PanelFeed } from "./panel-feed.ts";
import { failingSources, type SourceFailure } from "./source-outcomes.ts";

/** Maximum number of panels whose data is kept while they are out of sight. */
const MAX_KEPT = 200;

/** The data of all panels of a dashboard. Data is kept when the card that shows it is removed from the page. */
export class PanelFeeds {
  readonly #send: SendQueries;
  readonly #clock: () => number;
  readonly #feeds = new Map<string, PanelFeed>();
  readonly #listeners = new Set<() => void>();
  #isBusy = false;
  #failures: readonly SourceFailure[] = [];

  /** @param clock returns the current time, epoch ms */
  constructor(send: SendQueries, clock: () => number = nowMs) {
    this.#send = send;
    this.#clock = clock;
  }

  /**
   * Returns the feed (the object that requests and keeps a panel's data) for a key.
   * @param key key that distinguishes the panel from its clones
   */
  of(key: string): PanelFeed {
    const known = this.#feeds.get(key);
    const feed =
      known ?? new PanelFeed(this.#send, (panelId) => this.of(panelKey(panelId)), this.#changed, this.#clock);
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

  /** Returns the data sources that failed in the last requests. */
  readonly failures = (): readonly SourceFailure[] => this.#failures;

  readonly #changed = (): void => {
    const feeds = [...this.#feeds.values()];
    const isBusy = feeds.some(({ isRunning }) => isRunning);
    const failures = failingSources(feeds.map(({ outcomes }) => outcomes));
    const isSame = JSON.stringify(failures) === JSON.stringify(this.#failures);
    if (isBusy === this.#isBusy && isSame) return;
    this.#isBusy = isBusy;
    if (!isSame) this.#failures = failures;
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
