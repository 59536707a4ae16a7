import { MessageError } from "./message-error.ts";

/** Largest message, unpacked, as in Prometheus' remote write. */
export const MAX_MESSAGE_BYTES: number = 32 * 1024 * 1024;
/** Largest number of labels of a series or an exemplar. */
const MAX_LABELS = 4096;
/** Largest sample, histogram, exemplar or metadata of remote write; each is read in one step. */
const MAX_ENTRY_BYTES = 128 * 1024;
/**
 * Largest part of an OTLP message that is read in one step, for which the event loop waits. No sender makes parts a
 * tenth as large.
 */
export const MAX_PART_BYTES: number = 1024 * 1024;
/** Largest number of values in such a part: many small ones take longer than a large one. */
export const MAX_PART_VALUES = 10_000;
/** Largest number of resources, scopes and metrics of a message, and of points: an empty one takes two bytes. */
const MAX_GROUPS = 500_000;
const MAX_POINTS = 2_000_000;
/** Largest number of histograms and exemplars of a message: each is an object until the transaction ends. */
const MAX_OBJECTS = 100_000;
/** Largest total size of these: a byte may become a number of eight. */
const MAX_OBJECT_BYTES = 16 * 1024 * 1024;
/**
 * Largest size of the labels that are written out for a message: those of its new series and, in remote write 2.0, of
 * its exemplars. A small message can name a long symbol or resource a million times.
 */
const MAX_TEXT_BYTES = 128 * 1024 * 1024;

/** Throws MessageError for an entry of a series that is too large. */
export function checkEntry(bytes: number): void {
  if (bytes <= MAX_ENTRY_BYTES) return;
  throw new MessageError(
    413,
    `a sample, histogram, exemplar or metadata has ${bytes} bytes, and may have ${MAX_ENTRY_BYTES}`,
  );
}

/** Throws MessageError for a series or an exemplar with too many labels. */
export function checkLabels(labels: number): void {
  if (labels <= MAX_LABELS) return;
  throw new MessageError(413, `a series or an exemplar has more than ${MAX_LABELS} labels`);
}

/**
 * Error for a message that is too large.
 * @param items entries that the sender should send fewer of
 */
export const messageTooLarge = (items: "samples" | "data points"): string =>
  `the message has more than ${MAX_MESSAGE_BYTES} bytes; send fewer ${items} at once`;

/** Error for an OTLP message with a part that is too large. */
export const partTooLarge = (): MessageError =>
  new MessageError(
    413,
    `a name, a description, a data point, or the attributes of a resource, scope, data point or exemplar have more than ${MAX_PART_BYTES} bytes or ${MAX_PART_VALUES} values`,
  );

/** Counts the values of a part. */
export class PartBudget {
  #values = 0;

  /** Throws MessageError. */
  takeValue(): void {
    if (++this.#values > MAX_PART_VALUES) throw partTooLarge();
  }
}

/**
 * Counts the content of a message. Prometheus has no such limits: a few bytes could take the memory, or the time of all
 * other senders. No sender makes such messages.
 */
export class MessageBudget {
  #groups = 0;
  #points = 0;
  #objects = 0;
  #objectBytes = 0;
  #textBytes = 0;

  /** Counts a resource, a scope or a metric. Throws MessageError. */
  takeGroup(): void {
    if (++this.#groups <= MAX_GROUPS) return;
    throw new MessageError(
      413,
      `the message has more than ${MAX_GROUPS} resources, scopes and metrics; send fewer of them at once`,
    );
  }

  /** Counts a data point. Throws MessageError. */
  takePoint(): void {
    if (++this.#points <= MAX_POINTS) return;
    throw new MessageError(413, `the message has more than ${MAX_POINTS} data points; send fewer of them at once`);
  }

  /**
   * Counts a histogram or an exemplar of `bytes` bytes; a number or a character counts as at least one. Throws
   * MessageError.
   */
  takeObject(bytes: number): void {
    this.#objectBytes += bytes;
    if (++this.#objects <= MAX_OBJECTS && this.#objectBytes <= MAX_OBJECT_BYTES) return;
    throw new MessageError(
      413,
      `the message has more than ${MAX_OBJECTS} histograms and exemplars, or ${MAX_OBJECT_BYTES} bytes of them; send fewer at once`,
    );
  }

  /** Counts a text of labels that are written out. Throws MessageError. */
  takeText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes <= MAX_TEXT_BYTES) return;
    throw new MessageError(
      413,
      `the labels of the message's series have more than ${MAX_TEXT_BYTES} bytes when they are written out; send fewer series at once`,
    );
  }
}
