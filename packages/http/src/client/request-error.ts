/** What is wrong with a request, in Go's words, and the URL that they are said of: after redirects not the first one. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly requestUrl: string;

  constructor(message: string, requestUrl: string) {
    super(message);
    this.requestUrl = requestUrl;
  }
}

/** Notes on an error which request it came of. */
export const withUrl = (error: Error, requestUrl: string): Error => Object.assign(error, { requestUrl });
