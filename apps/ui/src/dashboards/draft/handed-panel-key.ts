/** Key of the panel that another page hands over, in the storage of the tab. */
export const HANDED_PANEL = "narthex.handedPanel";
