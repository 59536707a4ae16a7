const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

/** Escapes a text for HTML. */
export const escapedHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ENTITIES.get(sign)!);
