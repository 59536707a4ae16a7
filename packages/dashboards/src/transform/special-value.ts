const values: Readonly<Record<string, unknown>> = { null: null, true: true, false: false, zero: 0, empty: "" };

/** What stands in cells for which there is no value, by its name in options; nothing where no name is known. */
export const specialValue = (name: string | undefined): unknown =>
  name !== undefined && Object.hasOwn(values, name) ? values[name] : "";
