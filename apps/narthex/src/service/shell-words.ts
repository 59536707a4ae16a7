/** Quotes words as a command that a shell reads back as these words. */
export const shellCommand = (words: readonly string[]): string => words.map(shellWord).join(" ");

const shellWord = (word: string): string =>
  /^[A-Za-z0-9_/.,+=:@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
