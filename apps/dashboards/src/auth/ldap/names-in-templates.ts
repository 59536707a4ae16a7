/**
 * Returns a filter with a value instead of each `%s`. The value is escaped (RFC 4515), so that a name cannot change the
 * filter.
 */
export function filterWith(template: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL must be escaped
  return withValue(template, value.replace(/[\\*()\u0000]/g, escaped));
}

/**
 * Returns a DN with a value instead of each `%s`. The value is escaped (RFC 4514), so that a name cannot name another
 * entry.
 */
export function dnWith(template: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL must be escaped
  return withValue(template, value.replace(/[\\,+"<>;=#\u0000]/g, escaped).replace(/^ | $/g, "\\20"));
}

const escaped = (sign: string): string => `\\${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** Inserts a value for each `%s`. A function returns the value, because replaceAll() interprets signs such as `$'`. */
const withValue = (template: string, value: string): string => template.replaceAll("%s", () => value);
