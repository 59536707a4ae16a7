import type { RolePlan } from "./role-plan.ts";

/** A text without the passwords of the URLs in it. */
export const withoutPasswords = (text: string): string => text.replace(/\/\/([^\s/@:]*):[^\s/]+@/g, "//$1:<secret>@");

/** A word of a command line without the secret that stands in it. */
export const withoutSecret = (word: string): string =>
  withoutPasswords(word.replace(/^(cfg:[^=]*(?:password|secret|token|key)[^=]*=).+$/is, "$1<secret>"));

/** Does a command line hold a secret? */
const holdSecrets = (words: readonly string[]): boolean => words.some((word) => withoutSecret(word) !== word);

/** Does the command line of a role hold what others than its owner may not read? */
export const isClosed = ({ found, args }: RolePlan): boolean =>
  found.hasClosedValues === true || holdSecrets([...found.words, ...args.words]);
