// Keys with their actions: values of `KeyboardEvent.key`; a space separates two keys that are pressed one after the other.
// `key-list.ts` has the text of each action.

/** Keys of the time range. */
export const TIME_KEYS = {
  "t ArrowLeft": "back",
  "t ArrowRight": "forward",
  "t z": "zoomOut",
  "t -": "zoomOut",
  "t +": "zoomIn",
  "t =": "zoomIn",
  "t a": "absolute",
  "t c": "copy",
  "t v": "paste",
} as const;

/** Keys of the panel under the pointer, or otherwise of the focused panel. */
export const PANEL_KEYS = {
  v: "view",
  e: "edit",
  i: "inspect",
  "p x": "explore",
  "p c": "changes",
  "p s": "share",
  "p u": "share",
  "p l": "legend",
  "p d": "duplicate",
  "p r": "remove",
  Escape: "back",
  "d k": "kiosk",
  "d v": "kiosk",
} as const;

/** Keys of a dashboard that is edited, in addition to keys with Ctrl. */
export const EDIT_KEYS = { "d s": "settings", "d E": "openRows", "d C": "closeRows" } as const;

/** An action of a table of keys. */
export type ActionOf<Keys> = Keys[keyof Keys];
