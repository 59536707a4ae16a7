/** Largest message, unpacked, as in Prometheus. */
export const MAX_MESSAGE_BYTES: number = 32 * 1024 * 1024;
/** Most labels of a series or an exemplar. */
export const MAX_LABELS = 4096;
/** Largest sample, histogram, exemplar or metadata; they are read in one step. */
export const MAX_ENTRY_BYTES: number = 1024 * 1024;
/** Most histograms and exemplars of a message: each is an object until the transaction ends. */
export const MAX_OBJECTS = 100_000;
/** Most bytes that the symbols of a message may make as texts: a small message can name a long symbol a million times. */
export const MAX_TEXT_BYTES: number = 128 * 1024 * 1024;

/**
 * A message beyond a limit that Prometheus does not have: a few bytes of it would take the memory or the event loop. No
 * sender makes such messages.
 */
export class MessageLimitError extends Error {
  override readonly name = "MessageLimitError";
}

/** Throws MessageLimitError for an entry of a series of too many bytes. */
export function checkEntry(bytes: number): void {
  if (bytes <= MAX_ENTRY_BYTES) return;
  throw new MessageLimitError(
    `a sample, histogram, exemplar or metadata has ${bytes} bytes, and may have ${MAX_ENTRY_BYTES}`,
  );
}

/** Throws MessageLimitError for a series or an exemplar of too many labels. */
export function checkLabels(labels: number): void {
  if (labels <= MAX_LABELS) return;
  throw new MessageLimitError(`a series or an exemplar has more than ${MAX_LABELS} labels`);
}

/** Counts what becomes an object or a text for as long as the transaction lasts. */
export class MessageBudget {
  #objects = 0;
  #textBytes = 0;

  /** A histogram or an exemplar. Throws MessageLimitError. */
  takeObject(): void {
    if (++this.#objects <= MAX_OBJECTS) return;
    throw new MessageLimitError(
      `the message has more than ${MAX_OBJECTS} histograms and exemplars; send fewer of them at once`,
    );
  }

  /** Text that is made of a symbol. Throws MessageLimitError. */
  takeText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes <= MAX_TEXT_BYTES) return;
    throw new MessageLimitError(
      `the labels of the message have more than ${MAX_TEXT_BYTES} bytes when its symbols are written out; send fewer series at once`,
    );
  }
}
