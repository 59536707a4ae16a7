/** A limit of a door, and the text of the source that sets it. */
export interface DoorLimit {
  /** Text of the limit for users. */
  readonly limit: string;
  /** File of the repository. */
  readonly file: string;
  /** A part of the file's text: if the limit changes, the row must change too. */
  readonly source: string;
}

/** A place where bytes from outside enter a role. */
export interface DoorRow {
  readonly role: string;
  readonly door: string;
  /** Files that receive the bytes: they register the route, or open the connection. */
  readonly files: readonly string[];
  readonly limits: readonly DoorLimit[];
  readonly beyond: string;
  /** Names of doors in `e2e/src/doors`, which get hostile input, or test files with hostile input. */
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
