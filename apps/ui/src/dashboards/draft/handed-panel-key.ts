/** Key of the panel that another page hands over, in the storage of the tab. */
export const HANDED_PANEL = "narthex.handedPanel";

/** Returns whether a panel waits for a dashboard of this tab. Some browsers throw if they may not store data. */
export function hasHandedPanel(): boolean {
  try {
    return HANDED_PANEL in sessionStorage;
  } catch {
    return false;
  }
}
