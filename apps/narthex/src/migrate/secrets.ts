import type { RolePlan } from "./role-plan.ts";

/** Replaces passwords in the URLs of a text by `<secret>`. */
export const withoutPasswords = (text: string): string => text.replace(/\/\/([^\s/@:]*):[^\s/]+@/g, "//$1:<secret>@");

/** Replaces the secret in a word of a command line by `<secret>`. */
export const withoutSecret = (word: string): string =>
  withoutPasswords(word.replace(/^(cfg:[^=]*(?:password|secret|token|key)[^=]*=).+$/is, "$1<secret>"));

/** Reports whether a command line contains a secret. */
const holdSecrets = (words: readonly string[]): boolean => words.some((word) => withoutSecret(word) !== word);

/** Reports whether a command line contains values that only its owner may read, such as passwords. */
export const isClosed = ({ found, args }: RolePlan): boolean =>
  found.hasClosedValues === true || holdSecrets([...found.words, ...args.words]);
