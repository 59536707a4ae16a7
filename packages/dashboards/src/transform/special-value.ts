const values: Readonly<Record<string, unknown>> = { null: null, true: true, false: false, zero: 0, empty: "" };

/**
 * Returns the value that fills empty cells, by its name in the options. Returns an empty text for a missing or unknown
 * name.
 */
export const specialValue = (name: string | undefined): unknown =>
  name !== undefined && Object.hasOwn(values, name) ? values[name] : "";
