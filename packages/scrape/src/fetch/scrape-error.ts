/** A scrape failed because no usable body was received. The target page shows the message. */
export class ScrapeError extends Error {
  override readonly name: string = "ScrapeError";
}

/** The body has reached the size limit, or is too long for the memory budget. */
export class BodySizeError extends ScrapeError {
  constructor(message = "body size limit exceeded") {
    super(message);
  }
}

/** The target answered with a status other than 200. */
export class StatusError extends ScrapeError {
  /** @param statusText status and phrase of the answer */
  constructor(statusText: string) {
    super(`server returned HTTP status ${statusText}`);
  }
}
