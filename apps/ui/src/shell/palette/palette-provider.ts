import type { Icon } from "@tabler/icons-react";

/** A place to which the palette leads. */
export interface FoundPlace {
  readonly title: string;
  /** The parent of the place: a folder, a section of a menu, a page of the documentation. */
  readonly hint?: string;
  /** Address from the root of the host. */
  readonly href: string;
}

/** Finds places of one kind. */
export interface PaletteProvider {
  /** Heading above the places. */
  readonly name: string;
  readonly icon: Icon;
  /** Returns the best places for a text, the best first. The text may be empty. */
  readonly find: (text: string, signal: AbortSignal) => Promise<readonly FoundPlace[]>;
}

/** Maximum number of places of a provider that are shown. */
export const MAX_PLACES = 6;
