/** A scrape failed without a body; the message is shown on the target page. */
export class ScrapeError extends Error {
  override readonly name: string = "ScrapeError";
}

/** The body has reached the limit, or is too long for the memory. */
export class BodySizeError extends ScrapeError {
  constructor(message = "body size limit exceeded") {
    super(message);
  }
}

/** The target answered with another status than 200. */
export class StatusError extends ScrapeError {
  /** @param statusText status and phrase as received */
  constructor(statusText: string) {
    super(`server returned HTTP status ${statusText}`);
  }
}
