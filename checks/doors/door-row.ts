/** A size or time limit for input from outside, and the source text that sets the limit. */
export interface DoorLimit {
  /** Description of the limit for the documentation. */
  readonly limit: string;
  readonly file: string;
  /** Part of the file's text that sets the limit. If the text changes, this row must change too. */
  readonly source: string;
}

/** An entry point through which bytes from outside reach a program, for example an HTTP route or a connection. */
export interface DoorRow {
  readonly role: string;
  readonly door: string;
  /** Files that register the route or open the connection. */
  readonly files: readonly string[];
  readonly limits: readonly DoorLimit[];
  readonly beyond: string;
  /** Tests with hostile input for this entry point: names in `e2e/src/doors`, or test files. */
  readonly hostile: readonly string[];
}

export const at = (file: string, source: string, limit: string): DoorLimit => ({ limit, file, source });

export const HEAD = at(
  "packages/runtime/src/listening/http-listeners.ts",
  "maxHeaderSize: 1024 * 1024",
  "1 MiB for the head of a request",
);
export const FORM = at("packages/http/src/server/server.ts", "MAX_FORM = 10 * 1024 * 1024", "10 MiB for a form");
export const FIELDS = at("packages/http/src/server/server.ts", "MAX_FIELDS = 2 ** 16", "65,536 fields of a form");
export const BODY = at(
  "packages/http/src/server/server.ts",
  "DEFAULT_BODY_LIMIT = 64 * 1024 * 1024",
  "64 MiB for a body",
);
export const ANSWER_HEAD = at(
  "packages/http/src/client/http1-reader.ts",
  "MAX_HEAD_BYTES = 10 * 1024 * 1024",
  "10 MiB for the head of an answer",
);
