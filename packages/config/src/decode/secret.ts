import { type Codec, INVALID, scalarOf } from "./codec.ts";

/** A value that must not be shown: printing or serialising it results in `<secret>`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the real text, only for the request that needs it. */
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

/** A secret text. An empty one counts as not set when printed. */
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

/** Returns a secret's text as it is currently printed. */
export const shownSecret = (text: string): string => (revealing ? text : "<secret>");

/** Runs `work` with secrets printed in plain text, only to compare two configurations, never to show one. */
export function withSecretsRevealed<T>(work: () => T): T {
  const before = revealing;
  revealing = true;
  try {
    return work();
  } finally {
    revealing = before;
  }
}
