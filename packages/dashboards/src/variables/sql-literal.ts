/** Returns a text as a literal of standard SQL, which PostgreSQL reads. */
export const sqlLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Returns a text as a literal of MySQL, in which a backslash also changes the meaning of the next character. */
export const mysqlLiteral = (text: string): string =>
  `'${text.replaceAll(/['\\]/g, (character) => character + character)}'`;
