/** Quotes words as a command line, so that a shell splits it into exactly these words. */
export const shellCommand = (words: readonly string[]): string => words.map(shellWord).join(" ");

const shellWord = (word: string): string =>
  /^[A-Za-z0-9_/.,+=:@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
