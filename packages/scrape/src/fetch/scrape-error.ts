/** A scrape that brought no body; the message is what the target's page shows. */
export class ScrapeError extends Error {
  override readonly name: string = "ScrapeError";
}

/** The body is as long as the limit or longer, or too long for memory. */
export class BodySizeError extends ScrapeError {
  constructor(message = "body size limit exceeded") {
    super(message);
  }
}

/** The target answered with another status than 200. */
export class StatusError extends ScrapeError {
  /** @param statusText status and phrase as they came */
  constructor(statusText: string) {
    super(`server returned HTTP status ${statusText}`);
  }
}
