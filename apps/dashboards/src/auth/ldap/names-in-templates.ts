/**
 * Replaces each `%s` in an LDAP filter by a value. The value is escaped (RFC 4515), so that a name cannot change the
 * filter.
 */
export function filterWith(template: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL must be escaped
  return withValue(template, value.replace(/[\\*()\u0000]/g, escaped));
}

/**
 * Replaces each `%s` in a DN by a value. The value is escaped (RFC 4514), so that a name cannot refer to another entry.
 */
export function dnWith(template: string, value: string): string {
  // oxlint-disable-next-line no-control-regex -- NUL must be escaped
  return withValue(template, value.replace(/[\\,+"<>;=#\u0000]/g, escaped).replace(/^ | $/g, "\\20"));
}

const escaped = (sign: string): string => `\\${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;

/**
 * Replaces each `%s` by a value. The value is passed as a function, because replaceAll() would interpret patterns such
 * as `$'` in a text.
 */
const withValue = (template: string, value: string): string => template.replaceAll("%s", () => value);
