import type { IncomingHttpHeaders } from "node:http";

/** A request, whichever server took it. */
export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** What is answered to it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  /** To be called when the answer is out, or will never be: its bytes are used again. */
  readonly release?: () => void;
}

/** Answers requests to one path. */
export type Handler = (request: Request) => Answer | Promise<Answer>;

/** Text as it is. */
export const textAnswer = (status: number, body: string, contentType = "text/plain; charset=utf-8"): Answer => ({
  status,
  headers: { "content-type": contentType },
  body,
});

/** Go's http.Error: text with a newline, and no sniffing. */
export const errorAnswer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { ...headers, "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  body: `${text}\n`,
});

/** For pages that can be looked at alone. */
export const readOnly =
  (answer: Answer): Handler =>
  ({ method }) =>
    method === "GET" ? answer : errorAnswer(405, "Method Not Allowed", { allow: "GET" });
