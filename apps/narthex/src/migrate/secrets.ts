import type { RolePlan } from "./role-plan.ts";

/** Removes passwords of URLs from a text. */
export const withoutPasswords = (text: string): string => text.replace(/\/\/([^\s/@:]*):[^\s/]+@/g, "//$1:<secret>@");

/** Removes the secret from a word of a command line. */
export const withoutSecret = (word: string): string =>
  withoutPasswords(word.replace(/^(cfg:[^=]*(?:password|secret|token|key)[^=]*=).+$/is, "$1<secret>"));

/** Reports whether a command line contains a secret. */
const holdSecrets = (words: readonly string[]): boolean => words.some((word) => withoutSecret(word) !== word);

/** Reports whether a role's command line contains values that only the owner may read. */
export const isClosed = ({ found, args }: RolePlan): boolean =>
  found.hasClosedValues === true || holdSecrets([...found.words, ...args.words]);
