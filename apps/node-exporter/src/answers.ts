import type { IncomingHttpHeaders } from "node:http";

export interface Request {
  readonly method: string;
  /** Path and query of the request. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  /**
   * Must be called when the answer was sent or can no longer be sent, because the memory of its body is then reused.
   */
  readonly release?: () => void;
}

/** Answers requests to one path. */
export type Handler = (request: Request) => Answer | Promise<Answer>;

/** Returns an answer with text as its body. */
export const textAnswer = (status: number, body: string, contentType = "text/plain; charset=utf-8"): Answer => ({
  status,
  headers: { "content-type": contentType },
  body,
});

/** Returns an error like Go's http.Error: text with a newline, and a header that disables content sniffing. */
export const errorAnswer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { ...headers, "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  body: `${text}\n`,
});

/** Returns a handler for a page that can only be read. Methods other than GET are refused. */
export const readOnly =
  (answer: Answer): Handler =>
  ({ method }) =>
    method === "GET" ? answer : errorAnswer(405, "Method Not Allowed", { allow: "GET" });
