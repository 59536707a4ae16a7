const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };

/** Escapes a text for XML. */
export const escapeXml = (text: string): string => text.replace(/[&<>\r]/g, (char) => ENTITIES[char]!);

/** Replaces XML escapes by characters: the reverse of `escapeXml`. */
export const unescapeXml = (text: string): string =>
  text
    .replaceAll("&#13;", "\r")
    .replace(/&(lt|gt);/g, (_, name: string) => (name === "lt" ? "<" : ">"))
    .replaceAll("&amp;", "&");
