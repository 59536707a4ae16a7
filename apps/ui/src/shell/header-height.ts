/** Height of the page's header in px, without its border. */
export const HEADER_HEIGHT = 52;
