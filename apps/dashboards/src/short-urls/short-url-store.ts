import type { Clock } from "@narthex/runtime";
import type { Collection, ConditionalStore, Entry } from "@narthex/store";
import { newUid } from "../state/uids.ts";

/** A short name of a page's address. */
interface ShortUrl {
  readonly uid: string;
  /** Below the root, without a slash at its beginning. */
  readonly path: string;
  readonly createdBy: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms of a day on which the URL was opened; missing if nobody has opened it. */
  readonly seenAt?: number;
}

/** What the limits need of a URL. */
interface KnownUrl {
  readonly createdBy: string;
  readonly characters: number;
  readonly expiresAt: number;
}

const NEVER = Number.MAX_SAFE_INTEGER;
const DAY_MS = 86_400_000;
/** Expired URLs are removed from the store at most this often. */
const CLEAN_UP_MS = 600_000;

export interface ShortUrlLimits {
  /** How long a URL is kept that nobody opens, ms. */
  readonly unseenMs: number;
  readonly mostUrls?: number;
  /** Characters of all paths together. */
  readonly mostCharacters?: number;
}

const MOST_URLS = 10_000;
const MOST_CHARACTERS = 64 * 1024 * 1024;
/** A store from before the limits shrinks slowly. */
const REMOVED_AT_ONCE = 10;

/**
 * Short URLs, in the store alone. A URL that is not opened expires. Everyone who may see dashboards may make any number: beyond
 * the limits a URL of the person who made the most is removed, the one that was not used for the longest time.
 */
export class ShortUrls {
  readonly #collection: Collection;
  readonly #clock: Clock;
  readonly #limits: Required<ShortUrlLimits>;
  /** By uid; the URL that was not used for the longest time is the first. */
  readonly #known = new Map<string, KnownUrl>();
  #characters = 0;
  #cleanedAt: number;

  private constructor(collection: Collection, clock: Clock, limits: ShortUrlLimits) {
    this.#collection = collection;
    this.#clock = clock;
    this.#limits = { mostUrls: MOST_URLS, mostCharacters: MOST_CHARACTERS, ...limits };
    this.#cleanedAt = clock.monotonic();
  }

  /** Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock, limits: ShortUrlLimits): Promise<ShortUrls> {
    const urls = new ShortUrls(store.collection("short_urls"), clock, limits);
    urls.#collection.watch(({ put, removed, complete }) => {
      if (complete) for (const uid of urls.#known.keys()) urls.#forget(uid);
      for (const uid of removed) urls.#forget(uid);
      urls.#take(put);
    });
    await urls.#collection.dropExpired(clock.now());
    urls.#take(await urls.#collection.entries());
    return urls;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Keeps a path; returns its uid. Rejects with StoreError. */
  async add(path: string, createdBy: string): Promise<string> {
    const now = this.#clock.now();
    await this.#cleanUp(now);
    const made: ShortUrl = { uid: newUid(), path, createdBy, createdAt: now };
    const entry = toEntry(made, now + this.#limits.unseenMs);
    const removed = this.#dispensable(path.length);
    await this.#collection.change([entry], removed);
    for (const uid of removed) this.#forget(uid);
    this.#take([entry]);
    return made.uid;
  }

  /**
   * Returns the URLs that make room for one of so many characters, at most some at once: of the person who made the most, the ones
   * that were not used for the longest time.
   */
  #dispensable(characters: number): string[] {
    const { mostUrls, mostCharacters } = this.#limits;
    let [urls, held] = [this.#known.size + 1, this.#characters + characters];
    if (urls <= mostUrls && held <= mostCharacters) return [];
    const counts = new Map<string, number>();
    for (const { createdBy } of this.#known.values()) counts.set(createdBy, (counts.get(createdBy) ?? 0) + 1);
    const [[most] = [""]] = [...counts].toSorted((a, b) => b[1] - a[1]);
    const found: string[] = [];
    for (const [uid, known] of this.#known) {
      if ((urls <= mostUrls && held <= mostCharacters) || found.length === REMOVED_AT_ONCE) break;
      if (known.createdBy !== most) continue;
      found.push(uid);
      [urls, held] = [urls - 1, held - known.characters];
    }
    return found;
  }

  /** The path of a URL that is opened; undefined if it is unknown or has expired. Rejects with StoreError. */
  async open(uid: string): Promise<string | undefined> {
    const now = this.#clock.now();
    const entry = await this.#collection.get(uid);
    if (entry === undefined || entry.expiresAt <= now) return undefined;
    const url = urlIn(entry);
    if (url === undefined) return undefined;
    if (now - (url.seenAt ?? -Infinity) >= DAY_MS) {
      const seen = toEntry({ ...url, seenAt: now }, NEVER);
      await this.#collection.put(seen);
      this.#take([seen]);
    }
    return url.path;
  }

  /** Notes URLs as used, in the order of their use. */
  #take(entries: readonly Entry[]): void {
    const urls = entries.flatMap((entry) => {
      const url = urlIn(entry);
      return url === undefined ? [] : [{ ...url, expiresAt: entry.expiresAt }];
    });
    const usedAt = ({ createdAt, seenAt = createdAt }: ShortUrl): number => seenAt;
    for (const { uid, path, createdBy, expiresAt } of urls.toSorted((a, b) => usedAt(a) - usedAt(b))) {
      this.#forget(uid);
      this.#known.set(uid, { createdBy, characters: path.length, expiresAt });
      this.#characters += path.length;
    }
  }

  #forget(uid: string): void {
    this.#characters -= this.#known.get(uid)?.characters ?? 0;
    this.#known.delete(uid);
  }

  async #cleanUp(now: number): Promise<void> {
    if (this.#clock.monotonic() - this.#cleanedAt < CLEAN_UP_MS) return;
    this.#cleanedAt = this.#clock.monotonic();
    for (const [uid, { expiresAt }] of this.#known) if (expiresAt <= now) this.#forget(uid);
    await this.#collection.dropExpired(now);
  }
}

/** Returns the URL of a row; undefined if something else has written the row. */
function urlIn({ value }: Entry): ShortUrl | undefined {
  try {
    const url = JSON.parse(value) as Partial<ShortUrl> | null;
    const isUrl = typeof url?.uid === "string" && typeof url.path === "string" && typeof url.createdAt === "number";
    return isUrl ? (url as ShortUrl) : undefined;
  } catch {
    return undefined;
  }
}

const toEntry = (url: ShortUrl, expiresAt: number): Entry => ({
  key: url.uid,
  value: JSON.stringify(url),
  expiresAt,
});
