import type { CSSProperties } from "react";

/** Height of the page's header in px, without its border. */
export const HEADER_HEIGHT = 52;

/** Sets the variable `--header-height` for the style sheets of parts that are placed below the header. */
export const headerHeightStyle = { "--header-height": `${HEADER_HEIGHT}px` } as CSSProperties;
