import { MessageError } from "./message-error.ts";

/** Maximum size in bytes of a decompressed remote write or OTLP message, as in Prometheus' remote write. */
export const MAX_MESSAGE_BYTES: number = 32 * 1024 * 1024;
/** Maximum number of labels of a series or an exemplar. */
const MAX_LABELS = 4096;
/**
 * Largest size in bytes of a sample, histogram, exemplar or metadata entry in remote write. The size is limited because
 * an entry is read in one step, which blocks the event loop.
 */
const MAX_ENTRY_BYTES = 128 * 1024;
/**
 * Largest size in bytes of a part of an OTLP message that is read without a pause. The parts of real senders have less
 * than a tenth of this size.
 */
export const MAX_PART_BYTES: number = 1024 * 1024;
/**
 * Largest number of values in a part of an OTLP message. Many small values take longer to read than one large value.
 */
export const MAX_PART_VALUES = 10_000;
/**
 * Largest number of groups (resources, scopes and metrics) in an OTLP message. The limit is needed because an empty
 * group takes only two bytes.
 */
const MAX_GROUPS = 500_000;
const MAX_POINTS = 2_000_000;
/**
 * Largest number of histograms and exemplars in a remote write or OTLP message. Each one is an object in memory until
 * the transaction ends.
 */
const MAX_OBJECTS = 100_000;
/**
 * Largest total size in bytes of the histograms and exemplars of a remote write or OTLP message. One byte of the
 * message may become an 8-byte number in memory.
 */
const MAX_OBJECT_BYTES = 16 * 1024 * 1024;
/**
 * Largest total length in bytes of the labels that are copied for a message: labels of new series and, in remote write
 * 2.0, labels of exemplars. The limit is needed because a small message can refer to a long text a million times.
 */
const MAX_TEXT_BYTES = 128 * 1024 * 1024;

export function checkEntry(bytes: number): void {
  if (bytes <= MAX_ENTRY_BYTES) return;
  throw new MessageError(
    413,
    `a sample, histogram, exemplar or metadata has ${bytes} bytes; the maximum is ${MAX_ENTRY_BYTES}`,
  );
}

export function checkLabels(labels: number): void {
  if (labels <= MAX_LABELS) return;
  throw new MessageError(413, `a series or an exemplar has more than ${MAX_LABELS} labels`);
}

/**
 * Returns the error text for a message that is too large.
 * @param items kind of items of which the sender should send fewer
 */
export const messageTooLarge = (items: "samples" | "data points"): string =>
  `the message has more than ${MAX_MESSAGE_BYTES} bytes; send fewer ${items} at once`;

export const partTooLarge = (): MessageError =>
  new MessageError(
    413,
    `a name, a description, a data point, or the attributes of a resource, scope, data point or exemplar have more than ${MAX_PART_BYTES} bytes or ${MAX_PART_VALUES} values`,
  );

export class PartBudget {
  #values = 0;

  /**
   * Counts a value in the current part of the OTLP message. Throws MessageError if the part has more than
   * MAX_PART_VALUES.
   */
  takeValue(): void {
    if (++this.#values > MAX_PART_VALUES) throw partTooLarge();
  }
}

/**
 * Counts and limits the content of a remote write or OTLP message. Without limits, a small message could fill the
 * memory or delay all other senders. Prometheus has no such limits, but messages of real senders are far below them.
 */
export class MessageBudget {
  #groups = 0;
  #points = 0;
  #objects = 0;
  #objectBytes = 0;
  #textBytes = 0;

  /** Counts a resource, scope or metric of an OTLP message. Throws MessageError if there are too many. */
  takeGroup(): void {
    if (++this.#groups <= MAX_GROUPS) return;
    throw new MessageError(
      413,
      `the message has more than ${MAX_GROUPS} resources, scopes and metrics; send fewer of them at once`,
    );
  }

  /** Counts a data point of an OTLP message. Throws MessageError if there are too many. */
  takePoint(): void {
    if (++this.#points <= MAX_POINTS) return;
    throw new MessageError(413, `the message has more than ${MAX_POINTS} data points; send fewer of them at once`);
  }

  /**
   * Counts a histogram or an exemplar. Throws MessageError if there are too many.
   * @param bytes approximate size of the object; each number and each character counts as at least one byte
   */
  takeObject(bytes: number): void {
    this.#objectBytes += bytes;
    if (++this.#objects <= MAX_OBJECTS && this.#objectBytes <= MAX_OBJECT_BYTES) return;
    throw new MessageError(
      413,
      `the message has more than ${MAX_OBJECTS} histograms and exemplars, or ${MAX_OBJECT_BYTES} bytes of them; send fewer at once`,
    );
  }

  /** Counts labels that are copied. Throws MessageError if the copied labels of the message are too long in total. */
  takeText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes <= MAX_TEXT_BYTES) return;
    throw new MessageError(
      413,
      `the labels of the message's series have more than ${MAX_TEXT_BYTES} bytes when they are written out; send fewer series at once`,
    );
  }
}
