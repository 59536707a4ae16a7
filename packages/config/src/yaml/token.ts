import type { Mark } from "./cursor.ts";

/** What the scanner finds; `key` and the starts of block collections are found out only at a later colon. */
export type TokenKind =
  | "end"
  | "version-directive"
  | "tag-directive"
  | "document-start"
  | "document-end"
  | "block-list"
  | "block-map"
  | "block-end"
  | "["
  | "]"
  | "{"
  | "}"
  | "-"
  | ","
  | "key"
  | "value"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

/** One token with its place. */
export interface Token {
  readonly kind: TokenKind;
  readonly at: Mark;
  readonly end: Mark;
  /** A scalar's text, an anchor's name, a tag's handle. */
  readonly text: string;
  /** The rest of a tag behind its handle; a tag directive's prefix. */
  readonly suffix: string;
  /** Does the scalar stand without quotes and not as a block? */
  readonly plain: boolean;
}

/** A token without text. */
export const bare = (kind: TokenKind, at: Mark, end: Mark): Token => ({
  kind,
  at,
  end,
  text: "",
  suffix: "",
  plain: false,
});
