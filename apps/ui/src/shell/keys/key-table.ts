/** A key, or two keys that are pressed one after the other, with its action. */
interface KeyRow {
  /** The value of `KeyboardEvent.key`; a space separates two keys. */
  readonly keys: string;
  readonly action: string;
  /** Effect of the key. Absent for another key of the same action. */
  readonly text?: string;
}

/** Keys of the time range. */
export const TIME_KEYS = [
  { keys: "t ArrowLeft", action: "back", text: "Move the time range back" },
  { keys: "t ArrowRight", action: "forward", text: "Move the time range forward" },
  { keys: "t z", action: "zoomOut", text: "Zoom out" },
  { keys: "t -", action: "zoomOut" },
  { keys: "t +", action: "zoomIn", text: "Zoom in" },
  { keys: "t =", action: "zoomIn" },
  { keys: "t a", action: "absolute", text: "Keep the shown times, so that the range does not move on" },
  { keys: "t c", action: "copy", text: "Copy the time range" },
  { keys: "t v", action: "paste", text: "Paste a time range" },
] as const satisfies readonly KeyRow[];

/** Keys of the panel under the pointer, or otherwise of the focused panel. */
export const PANEL_KEYS = [
  { keys: "v", action: "view", text: "Show the panel alone" },
  { keys: "e", action: "edit", text: "Edit the panel" },
  { keys: "i", action: "inspect", text: "Inspect the data of the panel" },
  { keys: "p x", action: "explore", text: "Explore the queries of the panel" },
  { keys: "p s", action: "share", text: "Share the panel" },
  { keys: "p u", action: "share" },
  { keys: "p l", action: "legend", text: "Show or hide the legend" },
  { keys: "p d", action: "duplicate", text: "Duplicate the panel" },
  { keys: "p r", action: "remove", text: "Remove the panel" },
  { keys: "Escape", action: "back", text: "Go back to the dashboard" },
  { keys: "d k", action: "kiosk", text: "Show or hide everything around the dashboard" },
  { keys: "d v", action: "kiosk" },
] as const satisfies readonly KeyRow[];

/** Keys of a dashboard that is edited, in addition to keys with Ctrl. */
export const EDIT_KEYS = [
  { keys: "d s", action: "settings", text: "Open the settings of the dashboard" },
  { keys: "d E", action: "openRows", text: "Open all rows" },
  { keys: "d C", action: "closeRows", text: "Close all rows" },
] as const satisfies readonly KeyRow[];

/** Returns the actions of a table by their keys. */
export const actionsOf = <Row extends KeyRow>(rows: readonly Row[]): Readonly<Record<string, Row["action"]>> =>
  Object.fromEntries(rows.map(({ keys, action }) => [keys, action]));
