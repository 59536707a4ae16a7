/** Returns a text as a string literal of standard SQL, which PostgreSQL uses. */
export const sqlLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Returns a text as a string literal of MySQL, in which backslashes must be escaped too. */
export const mysqlLiteral = (text: string): string =>
  `'${text.replaceAll(/['\\]/g, (character) => character + character)}'`;
