import type { IncomingHttpHeaders } from "node:http";

/** A request, independent of the server that received it. */
export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Answer to a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  /** Must be called when the answer has been sent or never will be: its bytes are then reused. */
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

/** Like Go's http.Error: text with a newline, and no sniffing. */
export const errorAnswer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { ...headers, "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  body: `${text}\n`,
});

/** Refuses other methods for pages that can only be read. */
export const readOnly =
  (answer: Answer): Handler =>
  ({ method }) =>
    method === "GET" ? answer : errorAnswer(405, "Method Not Allowed", { allow: "GET" });
