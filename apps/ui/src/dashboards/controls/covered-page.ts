/** Selector of elements above the page, such as dialogs, which handle keys themselves. */
const ABOVE = '[role="dialog"], [role="menu"], [role="listbox"]';

/**
 * Returns whether a dialog, menu or list is open above the page. Closed lists of input fields stay in the document, but are
 * not visible.
 */
export const isPageCovered = (): boolean =>
  // The documents of tests do not know what is visible.
  [...document.querySelectorAll(ABOVE)].some((one) => !("checkVisibility" in one) || one.checkVisibility());
