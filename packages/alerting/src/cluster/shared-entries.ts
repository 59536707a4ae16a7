import { createHash } from "node:crypto";
import type { SharedState } from "@narthex/mesh";
import { type Clock, type Logger, logOnChange, TimeSlice } from "@narthex/runtime";
import {
  type Acknowledgement,
  printAcknowledgement,
  readUntrustedAcknowledgement,
} from "../acknowledgements/acknowledgement.ts";
import type { Acknowledgements } from "../acknowledgements/acknowledgements.ts";
import { readUntrustedLogEntry } from "../dispatch/log-entry-text.ts";
import type { StoredLogEntry, NotificationLog } from "../dispatch/notification-log.ts";
import type { Silence } from "../silences/silence.ts";
import { printSilence, readUntrustedSilence } from "../silences/silence-text.ts";
import type { Silences } from "../silences/silences.ts";

interface SharedOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Time in ms for which ended silences and entries of the notification log are kept. An entry from another instance is
   * refused if it was changed more than this time in the future.
   */
  readonly retentionMs: number;
}

/** Functions for a kind of entry that the instances of a cluster share, such as silences. */
interface Kind<T> {
  readonly name: string;
  /** Returns the entries that should be sent to other instances. */
  all(): Iterable<T>;
  /** Returns a text that identifies the version of an entry. Equal versions have equal texts. */
  version(entry: T): string;
  /** Parses the text of an entry. Throws an Error if it is invalid. */
  read(text: string): T;
  merge(entries: readonly T[]): Promise<readonly T[]>;
}

const print = (entry: unknown): Uint8Array => Buffer.from(JSON.stringify(entry));

const printedSilence = (silence: Silence): Uint8Array => Buffer.from(printSilence(silence));

const printedAcknowledgement = (acknowledgement: Acknowledgement): Uint8Array =>
  Buffer.from(printAcknowledgement(acknowledgement));

/** The silences, notification log and acknowledgements that the instances of a cluster share. */
interface SharedParts {
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly acknowledgements: Acknowledgements;
}

/** Wraps the silences, so that the instances of a cluster can share them. */
export function sharedSilences(silences: Silences, options: SharedOptions): SharedState {
  const { clock, retentionMs } = options;
  const kind: Kind<Silence> = {
    name: "silences",
    *all() {
      for (const silence of silences.all()) if (silence.endsAt + retentionMs > clock.now()) yield silence;
    },
    version: ({ id, updatedAt }) => `${id} ${updatedAt}`,
    read(text) {
      const silence = readUntrustedSilence(text);
      // Refuses a silence whose change time is far in the future, because no later change could replace such a silence.
      if (silence.updatedAt > clock.now() + retentionMs) throw new Error("invalid silence: updatedAt is in the future");
      return silence;
    },
    merge: (entries) => silences.merge(entries),
  };
  return shared(kind, printedSilence, options);
}

/** Wraps the notification log, so that the instances of a cluster can share its entries. */
export function sharedLog(log: NotificationLog, options: SharedOptions): SharedState {
  const { clock, retentionMs } = options;
  const kind: Kind<StoredLogEntry> = {
    name: "notifications",
    *all() {
      for (const kept of log.all()) if (kept.expiresAt > clock.now()) yield kept;
    },
    version: ({ key, entry }) => `${key} ${entry.timestamp}`,
    read: (text) => readUntrustedLogEntry(text, { latest: clock.now() + retentionMs, retentionMs }),
    merge: (entries) => log.merge(entries),
  };
  return shared(kind, print, options);
}

/** Wraps the acknowledgements, so that the instances of a cluster can share them. */
export function sharedAcknowledgements(acknowledgements: Acknowledgements, options: SharedOptions): SharedState {
  const { clock, retentionMs } = options;
  const kind: Kind<Acknowledgement> = {
    name: "acknowledgements",
    *all() {
      for (const kept of acknowledgements.all()) if (kept.keptUntil > clock.now()) yield kept;
    },
    version: ({ fingerprint, updatedAt, keptUntil }) => `${fingerprint} ${updatedAt} ${keptUntil}`,
    read(text) {
      const found = readUntrustedAcknowledgement(text);
      // Refuses an acknowledgement whose change time is far in the future, because no later change could replace it.
      if (found.updatedAt > clock.now() + retentionMs) {
        throw new Error("invalid acknowledgement: updatedAt is in the future");
      }
      return found;
    },
    merge: (entries) => acknowledgements.merge(entries),
  };
  return shared(kind, printedAcknowledgement, options);
}

/** Sends every change of this instance to the other instances. Returns a function that stops the sending. */
export function broadcastChanges(
  { silences, log, acknowledgements }: SharedParts,
  broadcast: (key: "ack" | "nfl" | "sil", item: Uint8Array) => void,
): () => void {
  const ends = [
    silences.subscribe((silence) => broadcast("sil", printedSilence(silence))),
    log.subscribe((kept) => broadcast("nfl", print(kept))),
    acknowledgements.subscribe((changed) => broadcast("ack", printedAcknowledgement(changed))),
  ];
  return () => ends.forEach((end) => end());
}

function shared<T>(kind: Kind<T>, printed: (entry: T) => Uint8Array, { clock, logger }: SharedOptions): SharedState {
  const reading = logOnChange(logger, `Reading ${kind.name} of another instance`);
  const keeping = logOnChange(logger, `Keeping ${kind.name} of another instance`);
  return {
    *snapshot() {
      for (const entry of kind.all()) yield printed(entry);
    },
    digest() {
      const hash = createHash("sha256");
      for (const version of [...kind.all()].map((entry) => kind.version(entry)).sort()) hash.update(`${version}\n`);
      return hash.digest("base64");
    },
    async merge(items) {
      const entries: T[] = [];
      const slice = new TimeSlice(clock);
      for (const item of items) {
        await slice.yieldToEventLoop();
        try {
          entries.push(kind.read(Buffer.from(item).toString("utf8")));
        } catch (error) {
          // Skips an entry that is invalid or was written by a later version of the program, and logs the first error.
          // The other entries are used.
          reading.failed("an entry is invalid", { first: error instanceof Error ? error.message : String(error) });
        }
      }
      try {
        const news = await kind.merge(entries);
        keeping.succeeded();
        return news.map((entry) => printed(entry));
      } catch (error) {
        keeping.failed(error instanceof Error ? error.message : String(error));
        return [];
      }
    },
  };
}
