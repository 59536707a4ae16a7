/** A scrape failed because no usable body was received. The targets page shows the message. */
export class ScrapeError extends Error {
  override readonly name: string = "ScrapeError";
}

/** The body has reached the size limit of the job, or is too long for the memory budget of all bodies. */
export class BodySizeError extends ScrapeError {
  constructor(message = "body size limit exceeded") {
    super(message);
  }
}

/** The target responded with a status other than 200. */
export class StatusError extends ScrapeError {
  /** @param statusText status code and reason phrase of the response */
  constructor(statusText: string) {
    super(`server returned HTTP status ${statusText}`);
  }
}
