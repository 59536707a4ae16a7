import { type Codec, INVALID, scalarOf } from "./codec.ts";

/** A value that must not be shown: printing or serialising it results in `<secret>`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the real text. Call it only when the secret is sent in a request. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "<secret>";
  }

  toJSON(): string {
    return "<secret>";
  }
}

/** Codec for a secret text. An empty secret is omitted when printed. */
export const secret: Codec<Secret> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    return scalar === INVALID ? INVALID : new Secret(scalar.tag === "!!null" ? "" : scalar.text);
  },
  encode: (value) => shownSecret(value.reveal()),
  isZero: (value) => value.reveal() === "",
};

let revealing = false;

/** Reports whether secrets are currently printed in plain text. */
export const secretsRevealed = (): boolean => revealing;

/** Returns the real text of a secret while secrets are revealed, otherwise `<secret>`. */
export const shownSecret = (text: string): string => (revealing ? text : "<secret>");

/**
 * Runs `work` while secrets are printed in plain text. Use it only to compare two configurations, never to show one.
 */
export function withSecretsRevealed<T>(work: () => T): T {
  const before = revealing;
  revealing = true;
  try {
    return work();
  } finally {
    revealing = before;
  }
}
