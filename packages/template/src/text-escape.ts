const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Implements the function `html` of text templates. */
export const escapeHtml = (text: string): string => text.replace(/[\0"'&<>]/g, (char) => HTML[char]!);

const JS: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
};

/** Implements the function `js` of text templates. */
export const escapeJs = (text: string): string =>
  text.replace(
    /[\\'"<>&=\u0000-\u001f\u007f]/g,
    (char) => JS[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
  );

/** Escapes a text for the query of a URL like Go's url.QueryEscape: a space becomes +. */
export const escapeQuery = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
