import type { Icon } from "@tabler/icons-react";
import type { ComponentType } from "react";

/** A page that the navigation links to. */
export interface PageLink {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
}

/** Links below one heading of the navigation's menu. */
export interface LinkSection {
  readonly name: string;
  readonly links: readonly PageLink[];
}

/** A page and its path, a pattern of React Router such as `/silences/:id`. */
interface RoutedPage {
  readonly path: string;
  readonly Page: ComponentType;
}

/** The UI of one of Narthex' programs: its pages, and the content of the bar above them. */
export interface Role {
  /** Name next to the logo; the server's own UI has none. */
  readonly name?: string;
  /** Path of the page to which the name in the bar links. */
  readonly start: string;
  readonly pages: readonly RoutedPage[];
  /** Links in the bar. */
  readonly links: readonly PageLink[];
  /**
   * Links in the bar's menu "Status". A section with the same name as a link in the bar becomes a menu next to that
   * link.
   */
  readonly menu: readonly LinkSection[];
  /** Links for a bar that several programs share. By default these are `links` and `menu`. */
  readonly shared?: { readonly links: readonly PageLink[]; readonly menu: readonly LinkSection[] };
  /** Link to the consoles, which are outside of the app; hidden if empty. */
  readonly consolesLink?: string;
  /** Buttons at the end of the bar, before the one for the colour scheme. */
  readonly Tools?: ComponentType;
  /**
   * Reports whether the page at an address is shown without the bar: in kiosk mode, or embedded in another page. By
   * default never.
   */
  readonly isWithoutHeader?: (address: { readonly pathname: string; readonly search: string }) => boolean;
  /** Whether pages wait until the server reports that it is ready. */
  readonly waitsUntilReady: boolean;
}
