import { type PrometheusConfig, redactUrl } from "@narthex/config";
import type { Logger } from "@narthex/runtime";

/** Adds the long-term store as a destination of `remote_write`, unless an entry already sends to it. */
export class StoreDestination {
  readonly #logger: Logger;
  /** URL of the `remote_write` entry that was last reported in the log. */
  #reported: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  added(config: PrometheusConfig): PrometheusConfig {
    const store = config.longTermStore?.remoteWrite;
    const entry = store && config.remoteWrite.find(({ url }) => normalized(url) === normalized(store.url));
    if (entry !== undefined && entry.url !== this.#reported) {
      const message =
        "An entry of remote_write sends to the long-term store: its settings hold, not those of the store";
      this.#logger.info(message, { url: redactUrl(entry.url) });
    }
    this.#reported = entry?.url;
    return store === undefined || entry !== undefined
      ? config
      : { ...config, remoteWrite: [...config.remoteWrite, store] };
  }
}

/** Normalises a URL: lower-case host, no default port. */
const normalized = (url: string): string => (URL.canParse(url) ? new URL(url).href : url);
